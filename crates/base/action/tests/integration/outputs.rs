//! The runner's files.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use action::{Done, Ending};

use crate::sample::{Sample, World};

#[tokio::test]
async fn a_summary_is_cut_below_the_runners_limit() {
    let world = World::runner();
    std::fs::write(world.summary_file(), "there before\n").unwrap();
    assert_eq!(world.run(&["--scenario=long summary"]).await, Ending::Done(Done::Success));
    let summary = world.summary();
    assert!(summary.len() <= 1_048_576 && summary.len() > 1_000_000, "{}", summary.len());
    assert!(summary.starts_with("there before\nline of text\n"));
    assert!(summary.trim_end().ends_with("1 MiB at most._"));
}

#[tokio::test]
async fn an_output_is_written_once_and_before_the_end() {
    let world = World::runner();
    world.run(&["--scenario=success"]).await;
    assert_eq!(world.output_text().matches("first<<").count(), 1);
}

#[tokio::test]
async fn outputs_that_cannot_be_written_are_never_a_success() {
    let folder = tempfile::tempdir().unwrap();
    for scenario in ["--scenario=success", "--scenario=unchanged"] {
        let world = World::runner().with("GITHUB_OUTPUT", folder.path());
        assert_eq!(world.run(&[scenario]).await, Ending::Bug);
        let printed = World::printed(&world.stderr);
        assert_eq!(printed.matches("GITHUB_OUTPUT").count(), 1, "{printed}");
        assert_eq!(world.summary().matches("### sample bug").count(), 1, "{}", world.summary());
    }
}

/// A stream that takes nothing.
struct Refusing(io::ErrorKind);

impl Write for Refusing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn whoever_closes_the_pipe_wants_no_outputs_but_a_full_disk_loses_them() {
    for (error, ending) in
        [(io::ErrorKind::BrokenPipe, Ending::Done(Done::Success)), (io::ErrorKind::StorageFull, Ending::Bug)]
    {
        let world = World::terminal();
        let mut process = world.process(&["--scenario=success"], false);
        process.stdout = Arc::new(Mutex::new(Refusing(error)));
        assert_eq!(action::run::<Sample>(process).await, ending, "{error:?}");
    }
}
