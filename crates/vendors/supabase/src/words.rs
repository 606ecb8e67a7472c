//! Enumerations of the API: known words, and whatever Supabase adds later.

/// Declares an enumeration whose unknown words are kept as `Other`.
macro_rules! words {
    ($(#[$meta:meta])* $type:ident { $($(#[$doc:meta])+ $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
        #[serde(from = "String")]
        pub enum $type {
            $($(#[$doc])+ $variant,)+
            /// A word that this version does not know.
            Other(String),
        }

        impl $type {
            /// The word that Supabase uses.
            #[must_use]
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $type {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

pub(crate) use words;
