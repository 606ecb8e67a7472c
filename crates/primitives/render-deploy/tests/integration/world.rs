//! A Render twin on a simulated clock, and runs of the primitive against it.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use action::{Ending, SharedClock, SimClock, SystemClock};
use rehearsal::contract::Vendor;
use rehearsal::fault::Faults;
use rehearsal::in_process::Invocation;
use rehearsal::server::Server;
use rehearsal::twins::render::{Change, Deploy, NewService, Plan, Render, Status};
use render_deploy::RenderDeploy;

/// The API key; it must show up nowhere.
pub(crate) const KEY: &str = "rnd_canary_5f2c81d7";

/// A secret value of a variable; it must show up nowhere but in the request that
/// sets it, and in what Render stores.
pub(crate) const SECRET: &str = "canary-value-93b1e0";

/// The mark.
pub(crate) const MARK: &str = "GREENROOM_PENDING";

pub(crate) struct World {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) twin: Render,
    pub(crate) server: Server,
}

/// A commit whose SHA is this digit forty times.
pub(crate) fn sha(digit: char) -> String {
    digit.to_string().repeat(40)
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Builds for 60 s, updates for 20 s.
pub(crate) fn slow() -> Plan {
    Plan::live().build(seconds(60)).update(seconds(20))
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(SimClock::default());
        Self::on(clock.clone(), clock)
    }

    /// On the machine's own clock, for real processes.
    pub(crate) fn real() -> Self {
        Self::on(Arc::new(SystemClock), Arc::default())
    }

    fn on(time: SharedClock, clock: Arc<SimClock>) -> Self {
        let twin = Render::new(time);
        twin.set_api_key(KEY);
        let server = Server::of(Vendor::Render, twin.router()).unwrap();
        Self { clock, twin, server }
    }

    /// A web service: commit `a` is live with GENERATION 41 and a secret of its own.
    pub(crate) fn web(&self) -> String {
        self.add(&NewService::web("api"))
    }

    pub(crate) fn add(&self, service: &NewService) -> String {
        let service = service.clone().plan(slow()).live(&sha('a'));
        self.twin.add_service(&service.variable("GENERATION", "41").variable("PASSWORD", SECRET))
    }

    pub(crate) fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Runs to the end.
    pub(crate) fn run(&self, inputs: &[(&str, &str)]) -> Report {
        block_on(self.start(inputs))
    }

    /// Deploys commit `b` with GENERATION 42.
    pub(crate) fn deploy(&self, service: &str) -> Report {
        self.run(&usual(service, &sha('b')))
    }

    /// A run that has not begun; dropping it is what SIGKILL is to a process.
    pub(crate) async fn start(&self, inputs: &[(&str, &str)]) -> Report {
        let invocation = Invocation::new(self.clock.clone())
            .variable("GITHUB_ACTIONS", "")
            .variables(self.environment(inputs))
            .canary(KEY)
            .canary(SECRET);
        let run = invocation.run::<RenderDeploy>().await.unwrap();
        assert_eq!(run.leaks(), [""; 0]);
        assert_eq!(run.stdout, "");
        Report { ending: run.ending, outputs: run.outputs, summary: run.summary, stderr: run.stderr }
    }

    /// The variables of a run with these inputs; a name in capitals is a variable.
    pub(crate) fn environment(&self, inputs: &[(&str, &str)]) -> Vec<(String, String)> {
        let fixed = [
            ("RENDER_API_URL", format!("{}/v1", self.server.base_url())),
            ("RENDER_API_KEY", KEY.to_owned()),
            ("NEW_PASSWORD", SECRET.to_owned()),
        ];
        let fixed = fixed.map(|(name, value)| (name.to_owned(), value));
        let given = inputs.iter().map(|(name, value)| {
            let is_variable = name.starts_with(|first: char| first.is_ascii_uppercase());
            let name = if is_variable { (*name).to_owned() } else { action::variable(name) };
            (name, (*value).to_owned())
        });
        fixed.into_iter().chain(given).collect()
    }

    /// Somebody else uses the API.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &str) {
        let mut connection = TcpStream::connect(self.server.address()).unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    }

    /// What the API changed since the world was made, in words.
    pub(crate) fn effects(&self) -> Vec<String> {
        let word = |change: &Change| match change {
            Change::VariableSet { key } => format!("set {key}"),
            Change::VariableDeleted { key } => format!("delete {key}"),
            Change::DeployTriggered { .. } => "deploy".to_owned(),
            Change::DeployCanceled { .. } => "cancel".to_owned(),
            other => format!("{other:?}"),
        };
        self.twin.effects().iter().map(|effect| word(&effect.change)).collect()
    }

    /// How many deploys the API was asked for.
    pub(crate) fn triggered(&self) -> usize {
        self.effects().iter().filter(|effect| *effect == "deploy").count()
    }

    /// The live deploy's commit and the value of GENERATION that its process sees.
    pub(crate) fn running(&self, service: &str) -> (String, String) {
        let live = self.twin.live_deploy(service).unwrap().expect("a live deploy");
        let running = self.twin.running_env(service).unwrap().unwrap();
        (live.commit().unwrap_or("an image").to_owned(), running["GENERATION"].clone())
    }

    pub(crate) fn is_marked(&self, service: &str) -> bool {
        self.twin.env(service).unwrap().contains_key(MARK)
    }

    pub(crate) fn newest(&self, service: &str) -> Deploy {
        self.twin.deploys(service).unwrap().pop().unwrap()
    }

    /// Commit `b` with GENERATION 42 is live, once, and nothing is left over.
    #[track_caller]
    pub(crate) fn assert_deployed(&self, service: &str) {
        assert_eq!(self.running(service), (sha('b'), "42".to_owned()));
        assert!(!self.is_marked(service));
        let of_b = self.twin.deploys(service).unwrap();
        let of_b: Vec<Status> = of_b
            .iter()
            .filter(|deploy| deploy.commit() == Some(&sha('b')))
            .map(|deploy| deploy.status)
            .collect();
        assert_eq!(of_b, [Status::Live]);
    }

    /// A run that follows changes nothing.
    #[track_caller]
    pub(crate) fn assert_settled(&self, service: &str) {
        let effects = self.effects();
        let again = self.deploy(service);
        assert_eq!(again.result(), "unchanged", "{again:?}");
        assert_eq!(self.effects(), effects);
    }
}

/// Commit with GENERATION 42 and a secret.
pub(crate) fn usual<'a>(service: &'a str, commit: &'a str) -> [(&'a str, &'a str); 3] {
    [("service-id", service), ("commit", commit), ("env", "GENERATION=42\nPASSWORD=$NEW_PASSWORD\n")]
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) ending: Ending,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
    pub(crate) stderr: String,
}

impl Report {
    pub(crate) fn result(&self) -> &str {
        &self.outputs["result"]
    }

    /// The exit code and the word.
    pub(crate) fn end(&self) -> (u8, &str) {
        (self.ending.code(), self.result())
    }
}
