//! `contracts`: where the vendors' OpenAPI documents come from, and how a test run is told of them.

/// What to put where.
pub(crate) const TEXT: &str = "\
The rehearsal judges every request and every answer of its twins against the vendors' own OpenAPI documents,
when the variable GREENROOM_CONTRACTS names a folder that holds them; each test run says whether it did, and
how many exchanges it judged. Where it is not set, ../shared/contracts is taken if there is such a folder;
`required` fails where there is none, `off` never judges.

The documents are the vendors', so they are not part of this repository. In the folder (OpenAPI 3.0, JSON):

  render.json      Render's public API, from https://api-docs.render.com
  cloudflare.json  https://github.com/cloudflare/api-schemas, openapi.json; or a document made from the types of
                   the npm package `cloudflare`
  github.json      npm `@octokit/openapi`, api.github.com, version 2022-11-28
                   (https://github.com/github/rest-api-description)
  supabase.json    https://api.supabase.com/api/v1-json

A folder in which a file is missing is an error. What vendors do and do not document stands, with its source,
in crates/rehearsal/src/contract/overlay.json.

  GREENROOM_CONTRACTS=/path/to/folder cargo test --workspace
";
