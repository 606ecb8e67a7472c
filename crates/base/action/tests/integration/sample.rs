//! The sample, and the process around it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use action::{
    BadInput, Context, Done, Effect, Ending, Environment, Failure, Plan, Primitive, Process, Secret, Signal,
    SystemClock,
};
use tokio::sync::watch;

/// A secret planted everywhere; it must never show.
pub const CANARY: &str = "canary_7f*3a<91>#";

#[derive(Debug)]
pub struct Sample;

#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// What to do
    #[arg(long)]
    scenario: String,
    /// How many
    #[arg(long, default_value_t = 1)]
    count: u32,
}

action::outputs! {
    /// What it found.
    pub struct SampleOutputs {
        /// The first thing.
        first: "first" => String,
        /// The second thing.
        second: "second" => String,
    }
}

#[derive(Debug)]
pub struct Job {
    scenario: String,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        if inputs.count == 0 {
            return Err(BadInput::new("count", "must not be zero").hint("leave it out for one"));
        }
        Ok(Self { scenario: inputs.scenario })
    }
}

impl Primitive for Sample {
    const NAME: &'static str = "sample";
    const ABOUT: &'static str = "Does what a test wants";
    const GUIDE: &'static str = "Only for tests.";
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] =
        &[Secret { variable: "SAMPLE_KEY", input: "key", help: "Opens nothing.", required: true }];
    type Inputs = Inputs;
    type Job = Job;
    type Outputs = SampleOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut SampleOutputs) -> Result<Done, Failure> {
        outputs.first = Some("one\ntwo".to_owned());
        context.publish(outputs)?;
        match job.scenario.as_str() {
            "success" => Ok(Done::Success),
            "unchanged" => Ok(Done::Unchanged),
            "change" => {
                let mut plan = Plan::new();
                plan.change("the thing", "old|value", "new");
                context.approve(&plan)?;
                outputs.second = Some("changed".to_owned());
                Ok(Done::Success)
            }
            "hang" => {
                context.leaves_behind("half a thing");
                std::future::pending().await
            }
            "panic" => panic!("with {CANARY}"),
            "secret" => {
                let secret = context.secret("SAMPLE_KEY")?;
                let text = action::ExposeSecret::expose_secret(&secret);
                tracing::info!("the log says {text}");
                context.notice(&format!("a notice with {text}"));
                context.summarise(&format!("a summary with {text}"));
                outputs.second = Some(format!("an output with {text}"));
                Err(Failure::failed(format!("an error with {text}")).hint(format!("a hint with {text}")))
            }
            "long summary" => {
                context.summarise(&"line of text\n".repeat(200_000));
                Ok(Done::Success)
            }
            word => {
                let ending = Ending::ALL.into_iter().find(|ending| ending.word() == word);
                Err(Failure::new(ending.expect("a known ending"), "it went wrong::here\n::error::fake")
                    .hint("mend it"))
            }
        }
    }

    async fn interrupted(job: &Job, _: &Context, outputs: &SampleOutputs) -> Vec<String> {
        assert_eq!(job.scenario, "hang");
        vec![format!("first was {}", outputs.first.is_some())]
    }
}

/// A run's surroundings, and what it left there.
pub struct World {
    folder: tempfile::TempDir,
    environment: Vec<(String, OsString)>,
    pub stdout: Arc<Mutex<Vec<u8>>>,
    pub stderr: Arc<Mutex<Vec<u8>>>,
    pub signals: watch::Sender<Option<Signal>>,
}

impl World {
    pub fn terminal() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            environment: vec![("SAMPLE_KEY".into(), CANARY.into())],
            stdout: Arc::default(),
            stderr: Arc::default(),
            signals: watch::channel(None).0,
        }
    }

    pub fn runner() -> Self {
        let world = Self::terminal();
        let output = world.output_file().into_os_string();
        let summary = world.summary_file().into_os_string();
        world
            .with("GITHUB_ACTIONS", "true")
            .with("GITHUB_OUTPUT", output)
            .with("GITHUB_STEP_SUMMARY", summary)
    }

    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    pub async fn run(&self, words: &[&str]) -> Ending {
        action::run::<Sample>(self.process(words, false)).await
    }

    pub fn process(&self, words: &[&str], owns_process: bool) -> Process {
        Process {
            words: words.iter().map(OsString::from).collect(),
            environment: self.environment.iter().cloned().collect::<Environment>(),
            directory: self.folder.path().to_owned(),
            clock: Arc::new(SystemClock),
            signals: self.signals.subscribe(),
            stdout: self.stdout.clone(),
            stderr: self.stderr.clone(),
            owns_process,
        }
    }

    pub fn output_file(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    pub fn summary_file(&self) -> PathBuf {
        self.folder.path().join("summary")
    }

    pub fn output_text(&self) -> String {
        std::fs::read_to_string(self.output_file()).unwrap_or_default()
    }

    /// The outputs as the runner reads them; the last of one name counts.
    pub fn output(&self, wanted: &str) -> Option<String> {
        let text = self.output_text();
        let mut lines = text.lines();
        let mut found = None;
        while let Some((name, delimiter)) = lines.next().and_then(|line| line.split_once("<<")) {
            let value: Vec<_> = lines.by_ref().take_while(|line| *line != delimiter).collect();
            if name == wanted {
                found = Some(value.join("\n"));
            }
        }
        found
    }

    pub fn summary(&self) -> String {
        std::fs::read_to_string(self.summary_file()).unwrap_or_default()
    }

    pub fn printed(sink: &Mutex<Vec<u8>>) -> String {
        String::from_utf8(sink.lock().unwrap().clone()).unwrap()
    }

    pub fn everything(&self) -> String {
        [Self::printed(&self.stdout), Self::printed(&self.stderr), self.output_text(), self.summary()]
            .concat()
    }
}

/// Long enough for anything that happens at all.
pub const PATIENCE: Duration = Duration::from_secs(20);
