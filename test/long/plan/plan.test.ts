// Imported before all else, which looks at what it sets.
import "../e2e/under-opentofu";
import "../../e2e/plan/plan.test";
