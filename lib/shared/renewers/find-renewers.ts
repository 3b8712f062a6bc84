import script from "./find-renewers.sh";
import { RENEWERS } from "./renewers";

/** The functions of `find-renewers.sh`, for a script that sets `root`. */
export const FIND_RENEWERS = `programs='${RENEWERS.join(" ")}'\n${script}`;
