/** Names the file in which `providers/recorded-answers` keeps what was answered. */
export const RECORDED_ANSWERS_VARIABLE = "MAIL_SNI_BENCH_RECORDED_ANSWERS";
