//! What the manifest's own types refuse, as findings.

use findings::Finding;
use manifest::{ManifestError, Problem, ProblemKind};

use crate::place;
use crate::rule::Rule;

/// The problems of a manifest that is refused.
pub(crate) fn findings(text: &str, error: &ManifestError) -> Vec<Finding> {
    error
        .problems
        .iter()
        .map(|Problem { position, kind }| {
            let rule = rule(kind);
            Finding {
                rule: rule.told(),
                level: rule.level(),
                file: error.file.clone(),
                place: Some(place::from(text, *position)),
                message: kind.to_string(),
                instead: kind.hint().map(ToOwned::to_owned),
                covered: None,
            }
        })
        .collect()
}

/// Whether it could be read, whatever is in it.
pub(crate) fn is_readable(error: &ManifestError) -> bool {
    !error.problems.iter().any(|problem| rule(&problem.kind) == Rule::UnreadableManifest)
}

fn rule(kind: &ProblemKind) -> Rule {
    match kind {
        ProblemKind::TooLarge
        | ProblemKind::NotText
        | ProblemKind::Unprintable(_)
        | ProblemKind::Shape { .. }
        | ProblemKind::Tab
        | ProblemKind::DuplicateKey(_)
        | ProblemKind::Tag(_)
        | ProblemKind::NoVersion
        | ProblemKind::Version(_) => Rule::UnreadableManifest,
        ProblemKind::Pattern(_) | ProblemKind::TooManyPatterns => Rule::BadPattern,
        ProblemKind::UnknownTarget(_) => Rule::UnknownTarget,
        ProblemKind::LonelyCoupling => Rule::LonelyCoupling,
        ProblemKind::NoTargets
        | ProblemKind::TargetName(_)
        | ProblemKind::EmptyTarget(_)
        | ProblemKind::Repeated(_)
        | ProblemKind::TwoClasses { .. }
        | ProblemKind::VariableName(_)
        | ProblemKind::Hostname(_)
        | ProblemKind::Root(_)
        | ProblemKind::Value { .. } => Rule::BadEntry,
    }
}
