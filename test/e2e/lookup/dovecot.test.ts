import { doveconfListing } from "./doveconf-listing";
import { dovecotLookupProperty } from "./dovecot-lookup";

// 100 sets, and 300 in test/long.
dovecotLookupProperty("2.3", 2);
doveconfListing("2.3");
