// Imported before all else, which looks at what it sets.
import "./under-opentofu";
import "../encrypted-keys/private-ca.test";
import "../../e2e/lifecycle/changes.test";
import "./changes.test";
import "../../e2e/lifecycle/default-certificate.test";
import "../../e2e/lifecycle/drift.test";
import "../../e2e/lifecycle/failure.test";
import "../../e2e/lifecycle/hosts.test";
import "./killed.test";
import "../../e2e/lifecycle/ownership.test";
import "../../e2e/lifecycle/renewal.test";
import "../../e2e/lifecycle/secrets.test";
import "./two-states.test";
import "../../provider/protocol/engine.test";
import "./first-deploy-kills.test";
import "./states.test";
