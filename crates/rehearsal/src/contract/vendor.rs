//! The vendors whose documents are known.

use serde::Deserialize;

/// The vendors whose documents are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// `cloudflare.json`, served below `/client/v4`.
    Cloudflare,
    /// `github.json`, served at the root.
    Github,
    /// `render.json`, served below `/v1`.
    Render,
    /// `supabase.json`, served at the root.
    Supabase,
}

impl Vendor {
    pub(super) const ALL: [Self; 4] = [Self::Cloudflare, Self::Github, Self::Render, Self::Supabase];

    /// The vendor's name in lower case, which is also its file's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cloudflare => "cloudflare",
            Self::Github => "github",
            Self::Render => "render",
            Self::Supabase => "supabase",
        }
    }

    /// What stands before the document's paths.
    pub(super) fn base_path(self) -> &'static str {
        match self {
            Self::Cloudflare => "/client/v4",
            Self::Render => "/v1",
            Self::Github | Self::Supabase => "",
        }
    }
}
