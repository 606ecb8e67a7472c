//! Enumerations of an API: known words, and whatever the vendor adds later.

/// Declares an enumeration of a vendor's words, read by `serde`, whose unknown words are kept as `Other`. Each variant
/// takes a docstring and its word: `words! { /// What. Kind { /// One. First = "FIRST" } }`.
#[macro_export]
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
            /// The word that the vendor uses.
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

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro declares what others are to see")]
mod tests {
    words! {
        /// For the test.
        Kind {
            /// One.
            First = "FIRST",
            /// Another.
            Second = "second",
        }
    }

    #[test]
    fn known_words_are_variants_and_others_are_kept() {
        for (word, kind) in [
            ("FIRST", Kind::First),
            ("second", Kind::Second),
            ("first", Kind::Other("first".to_owned())),
            ("", Kind::Other(String::new())),
        ] {
            let read: Kind = serde_json::from_str(&format!("{word:?}")).unwrap();
            assert_eq!((&read, read.word(), read.to_string().as_str()), (&kind, word, word));
        }
        assert!(serde_json::from_str::<Kind>("1").is_err());
    }
}
