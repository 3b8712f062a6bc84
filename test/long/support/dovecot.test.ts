import { dovecotSuite } from "../../support/dovecot-suite";
import { dovecot24 } from "../../support/requirements";

dovecotSuite("2.4", dovecot24);
