process.env.MAIL_SNI_TEST_ENGINE = "tofu";
