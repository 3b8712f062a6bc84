import { dovecotLookupProperty } from "./dovecot-lookup";

dovecotLookupProperty("2.3");
