import type { SynthesizedStack } from "../../../inputs/project";
import { declaredStack } from "../../declared/declared-stack";
import type { Check } from "../../examination/check";
import { well } from "../../examination/finding";

export const synthesized: Check<SynthesizedStack> = {
  id: "synthesized",
  looksAt: "`cdk.tf.json` of each stack, in the output of synth",
  reports: "missing, not readable",
  findings(stack) {
    declaredStack(stack);
    return [well("it is synthesized")];
  },
};
