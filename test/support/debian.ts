/**
 * The contents of /usr/sbin/policy-rc.d (Debian's `invoke-rc.d` asks it) that keep packages from starting their
 * services when they are installed.
 */
export const POLICY_DENIES_SERVICES = "#!/bin/sh\nexit 101\n";
