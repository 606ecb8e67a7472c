//! The rules, and a page on each.

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Level {
    /// Worth knowing; running code goes on.
    Advisory,
    /// SQL goes on, but something around it may not: a person must look.
    NeedsReview,
    /// Running code fails, or reads something else.
    Breaking,
}

impl Level {
    /// Its word in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Advisory => "advisory",
            Self::NeedsReview => "needs-review",
            Self::Breaking => "breaking",
        }
    }
}

macro_rules! rules {
    ($($variant:ident = $name:literal,)*) => {
        /// A rule; what it looks for is on its page.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[allow(missing_docs, reason = "each has a page of its own")]
        pub enum Rule {
            $($variant,)*
        }

        impl Rule {
            /// All of them, in the order of their importance.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Its page: what breaks, what the old code gets, what to do instead; Markdown.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$variant => include_str!(concat!("../pages/", $name, ".md")),)*
                }
            }
        }
    };
}

rules! {
    ParseError = "parse-error",
    DropColumn = "drop-column",
    DropTable = "drop-table",
    TypeIncompatible = "type-incompatible",
    AddRequiredColumn = "add-required-column",
    AddUnique = "add-unique",
    DropUnique = "drop-unique",
    RenameTable = "rename-table",
    RenameColumn = "rename-column",
    RenameObject = "rename-object",
    SetNotNull = "set-not-null",
    DropNotNull = "drop-not-null",
    NewWriteRestriction = "new-write-restriction",
    DropDefault = "drop-default",
    Identity = "identity",
    DropForeignKey = "drop-foreign-key",
    EmbedAmbiguous = "embed-ambiguous",
    ForeignKeyAction = "foreign-key-action",
    DropSequence = "drop-sequence",
    AlterSequence = "alter-sequence",
    DropView = "drop-view",
    ReplaceView = "replace-view",
    DropFunction = "drop-function",
    FunctionSignature = "function-signature",
    FunctionOverload = "function-overload",
    FunctionSecurity = "function-security",
    FunctionBody = "function-body",
    DropType = "drop-type",
    AlterType = "alter-type",
    EnumAddValueSameTx = "enum-add-value-same-tx",
    DropExtension = "drop-extension",
    DropSchema = "drop-schema",
    DropRole = "drop-role",
    DropObject = "drop-object",
    Revoke = "revoke",
    RlsEnable = "rls-enable",
    RlsDisable = "rls-disable",
    DropPolicy = "drop-policy",
    AlterPolicy = "alter-policy",
    AddTrigger = "add-trigger",
    DropTrigger = "drop-trigger",
    RewriteRule = "rewrite-rule",
    Publication = "publication",
    DetachPartition = "detach-partition",
    AttachPartition = "attach-partition",
    Truncate = "truncate",
    BulkUpdate = "bulk-update",
    DynamicSql = "dynamic-sql",
    UnknownStatement = "unknown-statement",
    MigrationFails = "migration-fails",
    MarkerInvalid = "marker-invalid",
    MarkerUnused = "marker-unused",
    Naming = "migration-naming",
    LockIndex = "lock-index",
    LockRewrite = "lock-rewrite",
    LockScan = "lock-scan",
    DefinerView = "definer-view",
}

impl Rule {
    /// The rule of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.name() == name)
    }

    /// Whether nobody can exclude it: what ADR-053 D5 rejects, and what the other rules rest on. A break after
    /// one of the five of D5 that is meant gets a marker.
    #[must_use]
    pub fn is_always_on(self) -> bool {
        matches!(
            self,
            Self::DropColumn
                | Self::DropTable
                | Self::TypeIncompatible
                | Self::AddRequiredColumn
                | Self::AddUnique
                | Self::ParseError
                | Self::MarkerInvalid
                | Self::MarkerUnused
                | Self::Naming
        )
    }

    /// The first sentence of its page, for tables and tooltips.
    #[must_use]
    pub fn summary(self) -> &'static str {
        let body = self.page().lines().skip(1).find(|line| !line.trim().is_empty());
        body.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_begins_with_its_rule_and_says_what_to_do() {
        for rule in Rule::ALL {
            let page = rule.page();
            assert!(page.starts_with(&format!("# {}\n", rule.name())), "{}", rule.name());
            assert!(page.contains("\nInstead: "), "{}", rule.name());
            assert_eq!(Rule::named(rule.name()), Some(*rule));
            assert!(rule.summary().ends_with('.'), "{}: {}", rule.name(), rule.summary());
        }
    }
}
