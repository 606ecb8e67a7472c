//! Many files, read on all cores: reading is four fifths of what a lint of a long history takes, and no file's text
//! depends on another's.

use std::num::NonZero;
use std::panic;
use std::thread;

use crate::source::Migration;
use crate::syntax::{STACK, Script, script};

/// Files that are read before any of them is replayed: enough for every core, and not all statements of a long history
/// in memory at once.
pub(crate) const BATCH: usize = 256;
/// Fewer files than this for one reader are not worth a thread.
const SHARE: usize = 16;

/// The scripts of the files, in their order.
pub(crate) fn scripts(files: &[Migration<'_>]) -> Vec<Script> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    read(files, files.len().div_ceil(cores).max(SHARE))
}

/// Each reader takes `share` files; this thread is the first of them.
fn read(files: &[Migration<'_>], share: usize) -> Vec<Script> {
    let one_by_one = |files: &[Migration<'_>]| files.iter().map(|file| script(file.text)).collect::<Vec<_>>();
    let (first, others) = files.split_at(share.min(files.len()));
    thread::scope(|scope| {
        let readers: Vec<_> = others
            .chunks(share)
            .map(|files| {
                let thread = thread::Builder::new().stack_size(STACK);
                // Where the system gives no more threads, this one reads.
                thread.spawn_scoped(scope, move || one_by_one(files)).map_err(|_| files)
            })
            .collect();
        let mut all = one_by_one(first);
        for reader in readers {
            all.extend(match reader.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(scripts)) => scripts,
                Ok(Err(defect)) => panic::resume_unwind(defect),
                Err(files) => one_by_one(files),
            });
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_in_its_place_however_many_readers_there_are() {
        let texts: Vec<String> = (0..50).map(|number| format!("drop table t{number};")).collect();
        let files: Vec<Migration<'_>> = texts.iter().map(|text| Migration { path: "a", text }).collect();
        for share in [1, 7, 49, 50, 51] {
            let read = read(&files, share);
            assert_eq!(read.len(), 50, "{share}");
            for (number, script) in read.iter().enumerate() {
                assert!(
                    script.statements[0].iter().any(|token| token.text == format!("t{number}")),
                    "{share}"
                );
            }
        }
        assert!(scripts(&[]).is_empty());
    }
}
