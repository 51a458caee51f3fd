// One line of JSON for each test that ended, for tests/js/conftest.py.
export default async function* report(source) {
  for await (const event of source) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { name, details, skip, todo } = event.data;
    const error = details?.error;
    const cause = error?.cause ?? error;
    yield `${JSON.stringify({
      name,
      passed: event.type === "test:pass",
      suite: details?.type === "suite",
      skipped: skip !== undefined || todo !== undefined,
      error: cause ? String(cause.stack ?? cause.message ?? cause) : "",
    })}\n`;
  }
}
