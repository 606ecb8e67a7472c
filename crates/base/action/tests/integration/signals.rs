//! A signal ends a run soon, with everything it knew.

use std::sync::Arc;

use action::{Ending, Signal};

use crate::sample::{PATIENCE, World};

#[tokio::test]
async fn a_signal_drops_the_work_and_says_what_stays_behind() {
    for (signal, code) in [(Signal::Interrupt, 130), (Signal::Terminate, 143)] {
        let world = Arc::new(World::runner());
        let run = async { tokio::time::timeout(PATIENCE, world.run(&["--scenario=hang"])).await.unwrap() };
        let send = async {
            // The run has begun once its first output is there.
            while world.output("first").is_none() {
                tokio::task::yield_now().await;
            }
            world.signals.send_replace(Some(signal));
        };
        let (ending, ()) = tokio::join!(run, send);
        assert_eq!((ending, ending.code()), (Ending::Cancelled(signal), code));
        assert_eq!(world.output("result").as_deref(), Some("cancelled"));
        let printed = World::printed(&world.stderr);
        assert!(
            printed.contains(&format!("stopped by {signal}%0Ahint: half a thing%0Ahint: first was true")),
            "{printed}"
        );
    }
}
