import { dovecotSuite } from "./dovecot-suite";
import { dovecot23 } from "./requirements";

dovecotSuite("2.3", dovecot23);
