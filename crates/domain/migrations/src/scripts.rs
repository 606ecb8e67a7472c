//! Many files, read on all cores while the first of them are replayed: reading is four fifths of what a lint of a
//! long history takes, and no file's text depends on another's.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, Scope};

use crate::source::Migration;
use crate::syntax::{STACK, Script, script};

/// Files that a reader hands over at once, and the fewest that are worth a reader.
const GROUP: usize = 16;
/// Groups that a reader may be ahead: not all statements of a long history are to be in memory at once.
const AHEAD: usize = 4;

/// Gives to `take` the number, the file and the script of each, in the order of the files.
pub(crate) fn each_script(files: &[Migration<'_>], mut take: impl FnMut(usize, &Migration<'_>, Script)) {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut numbered = files.iter().enumerate();
    let take = |script| {
        if let Some((number, file)) = numbered.next() {
            take(number, file, script);
        }
    };
    match cores.min(files.len() / GROUP) {
        0 | 1 => scripts(files).into_iter().for_each(take),
        readers => read(files, readers, take),
    }
}

/// Lets each of the readers take one group in turn, and takes from them in the same turn.
fn read(files: &[Migration<'_>], readers: usize, mut take: impl FnMut(Script)) {
    thread::scope(|scope| {
        let readers: Vec<_> = (0..readers).map(|first| reader(scope, files, first, readers)).collect();
        for (group, reader) in files.chunks(GROUP).zip(readers.iter().cycle()) {
            // Where the system gave no more threads, this one reads.
            let read = reader.as_ref().map_or_else(|| Ok(scripts(group)), Receiver::recv);
            // A reader that is gone had a defect, which the scope raises again at its end.
            let Ok(read) = read else { return };
            read.into_iter().for_each(&mut take);
        }
    });
}

/// Starts a reader of every group in the turn that `first` has among so many.
fn reader<'scope, 'file: 'scope>(
    scope: &'scope Scope<'scope, '_>,
    files: &'file [Migration<'file>],
    first: usize,
    of: usize,
) -> Option<Receiver<Vec<Script>>> {
    let (sender, receiver) = sync_channel(AHEAD);
    let mut groups = files.chunks(GROUP).skip(first).step_by(of);
    let thread = thread::Builder::new().stack_size(STACK);
    let all_are_taken = move || groups.all(|group| sender.send(scripts(group)).is_ok());
    thread.spawn_scoped(scope, all_are_taken).ok().map(|_| receiver)
}

fn scripts(files: &[Migration<'_>]) -> Vec<Script> {
    files.iter().map(|file| script(file.text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_in_its_place_however_many_readers_there_are() {
        let texts: Vec<String> = (0..3 * GROUP + 2).map(|number| format!("drop table t{number};")).collect();
        let files: Vec<Migration<'_>> = texts.iter().map(|text| Migration { path: "a", text }).collect();
        for readers in [1, 2, 3, 4, 9] {
            let mut number = 0;
            read(&files, readers, |script| {
                let name = format!("t{number}");
                assert!(script.statements[0].iter().any(|token| token.text == name), "{readers}: {name}");
                number += 1;
            });
            assert_eq!(number, files.len(), "{readers}");
        }
        each_script(&[], |_, _, _| panic!("nothing to read"));
    }
}
