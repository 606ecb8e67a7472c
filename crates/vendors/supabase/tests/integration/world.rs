//! A twin, and a client of it inside a run.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use action::{
    BadInput, Context, Done, Effect, Failure, Permit, Plan, Primitive, Secret, SecretString, SimClock,
};
use rehearsal::contract::{self, Vendor};
use rehearsal::in_process::Invocation;
use rehearsal::server::{Options, Server};
use rehearsal::twins::supabase::{Supabase as Twin, TOKEN};
use supabase::{ProjectRef, Supabase};

pub(crate) struct World {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) twin: Twin,
    pub(crate) server: Server,
    /// Production, empty.
    pub(crate) production: String,
}

/// What a test does with the client; the permit lets it write.
type Act = Box<dyn FnOnce(Supabase, Permit) -> Pin<Box<dyn Future<Output = ()>>>>;

thread_local! {
    static ACT: RefCell<Option<Act>> = const { RefCell::new(None) };
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Twin::new(clock.clone());
        let options = Options { contract: contract::judge(Vendor::Supabase).unwrap(), ..Options::default() };
        let server = Server::start("supabase", twin.router(), options).unwrap();
        let production = twin.add_project("production").unwrap();
        Self { clock, twin, server, production }
    }

    /// Runs `act` as a primitive would: a client needs the context of a run, and only
    /// that gives leave to write.
    pub(crate) fn with<F: Future<Output = ()> + 'static>(
        &self,
        act: impl FnOnce(Supabase, Permit) -> F + 'static,
    ) {
        ACT.set(Some(Box::new(|client, permit| Box::pin(act(client, permit)))));
        let invocation =
            Invocation::new(self.clock.clone()).variable(supabase::API_URL, self.server.base_url());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let run = runtime.block_on(invocation.run::<Acting>()).unwrap();
        assert_eq!(run.output("result"), "success", "{run:?}");
    }
}

pub(crate) fn id(reference: &str) -> ProjectRef {
    reference.parse().unwrap()
}

struct Acting;

#[derive(clap::Args, Debug)]
struct NoInputs {}

struct NoJob;

action::outputs! {
    /// None that matter.
    struct NoOutputs {
        /// Nothing.
        nothing: "nothing" => String,
    }
}

impl TryFrom<NoInputs> for NoJob {
    type Error = BadInput;

    fn try_from(_: NoInputs) -> Result<Self, BadInput> {
        Ok(Self)
    }
}

impl Primitive for Acting {
    const NAME: &'static str = "acting";
    const ABOUT: &'static str = "Do what a test does";
    const GUIDE: &'static str = "";
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] = &[];

    type Inputs = NoInputs;
    type Job = NoJob;
    type Outputs = NoOutputs;

    async fn run(_: &NoJob, context: &Context, _: &mut NoOutputs) -> Result<Done, Failure> {
        let permit = context.approve(&Plan::new())?;
        let client = Supabase::new(context, SecretString::from(TOKEN))?;
        let act = ACT.take().expect("an act");
        act(client, permit).await;
        Ok(Done::Success)
    }
}
