//! What deserves attention without being wrong.

use action::{Context, Failure};
use bstr::BString;
use git::{CommitId, Kind, Repository};
use manifest::{Manifest, TreeEntry};

/// GitHub shows this many annotations of a level for a step (GitHub docs,
/// workflow commands); the rest stands in the summary only.
const ANNOTATIONS: usize = 10;

/// The doubts about the manifest's patterns, given what the commit contains.
pub(crate) async fn about(
    manifest: &Manifest,
    repository: &Repository,
    head: &CommitId,
) -> Result<Vec<String>, Failure> {
    let questions = manifest.questions();
    let paths: Vec<BString> = questions.iter().map(|question| question.path.clone()).collect();
    let kinds = repository.kinds(head, &paths).await?;
    let answered =
        questions.into_iter().zip(kinds).filter_map(|(question, kind)| question.answer(kind.map(entry)));
    let mut warnings: Vec<String> =
        manifest.warnings().into_iter().chain(answered).map(|warning| warning.to_string()).collect();
    warnings.dedup();
    Ok(warnings)
}

/// Shows them, the first few as annotations.
pub(crate) fn annotate(context: &Context, warnings: &[String]) {
    for warning in warnings.iter().take(ANNOTATIONS) {
        context.warn(warning);
    }
    if warnings.len() > ANNOTATIONS {
        tracing::info!("{} further warnings: see the summary", warnings.len() - ANNOTATIONS);
    }
}

fn entry(kind: Kind) -> TreeEntry {
    match kind {
        Kind::Directory => TreeEntry::Directory,
        Kind::File => TreeEntry::Other,
    }
}
