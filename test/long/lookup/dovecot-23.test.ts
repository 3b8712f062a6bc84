import { doveconfListing } from "../../e2e/lookup/doveconf-listing";
import { dovecotLookupProperty } from "../../e2e/lookup/dovecot-lookup";

dovecotLookupProperty("2.3");
doveconfListing("2.3");
