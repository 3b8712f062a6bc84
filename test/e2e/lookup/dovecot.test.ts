import { doveconfListing } from "./doveconf-listing";
import { dovecotLookupProperty } from "./dovecot-lookup";

dovecotLookupProperty("2.3");
doveconfListing("2.3");
