import { killScenarios } from "../../provider/host/support/kill-scenarios";
import { killsOf } from "../support/kills";

killScenarios({ step: 1, kills: killsOf("changesOnAHost") });
