import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { html, trusted } from "../../../../lib/cli/output/html/markup";
import { hostileText } from "../../verify/support/hostile-result";

describe("html", () => {
  it("GIVEN text THEN it is escaped, in elements and in attributes", () => {
    expect(html`<a title="${`"'><b>&amp;`}">${"<b>&"}</a>`.text).toBe(
      '<a title="&quot;&#39;&gt;&lt;b&gt;&amp;amp;">&lt;b&gt;&amp;</a>',
    );
  });

  it("GIVEN what a browser shows as nothing, or in another direction THEN it is shown as an escape", () => {
    expect(html`${"a\u0000\u202eb\n"}`.text).toBe("a\\u0000\\u202eb\\u000a");
  });

  it("GIVEN markup THEN it is taken as it is, and lists are joined", () => {
    expect(html`<p>${[html`<i>${1}</i>`, trusted("<b>")]}</p>`.text).toBe("<p><i>1</i><b></p>");
  });

  it("GIVEN any text THEN no character of it is markup", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(html`${text}`.text).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
      }),
    );
  });
});
