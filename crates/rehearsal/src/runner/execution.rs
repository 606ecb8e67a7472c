//! The walk through the `run` steps of a composite action, or one of a job's own (actions/runner, `CompositeActionHandler.cs`,
//! `ActionRunner.cs` and `ScriptHandler.cs`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tokio::process::Command;
use tokio::sync::mpsc;

use super::console::{Console, Level};
use super::environment::{base, fixed, which};
use super::expression::{Contexts, Template};
use super::lines::Lines;
use super::manifest::{Action, RunStep};
use super::process::{self, Control, Ended, Stream, Timing};
use super::running::{Heard, Overtime};
use super::script::Script;
use super::shell::Shell;
use super::step::{Conclusion, Step, exit_code};
use super::step_files::StepFiles;
use super::survivors::{Survivor, survivors};
use super::{Runner, RunnerError, files};

/// What a step does.
#[derive(Debug)]
pub(super) enum Work<'a> {
    /// It `uses:` an action, `with:` these inputs.
    Action(&'a Action, Vec<(String, String)>),
    /// It is a `run` step.
    Script(Script),
}

/// One step, set up and not yet begun.
pub(super) struct Execution {
    steps: Vec<RunStep>,
    /// What an action makes of its steps' outputs; a plain `run` step's outputs are its own.
    outputs: Option<Vec<(String, Template)>>,
    timing: Timing,
    workspace: PathBuf,
    temp: PathBuf,
    /// What every process gets unless the job or the step says otherwise.
    base: BTreeMap<String, OsString>,
    /// `GITHUB_*` and `RUNNER_*`, which nothing overrides.
    fixed: BTreeMap<String, String>,
    /// The job's variables; `$GITHUB_ENV` adds to them.
    job_env: BTreeMap<String, String>,
    /// The step's own `env:`, before which the job's give way.
    step_env: BTreeMap<String, String>,
    contexts: Contexts,
    console: Console,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    summary: String,
    exported: BTreeMap<String, String>,
    /// What is put before `PATH`, by earlier steps of the job too.
    paths: Vec<String>,
    /// Set when the step's time is up.
    overtime: Overtime,
    survivors: Vec<Survivor>,
}

impl Execution {
    pub(super) fn new(
        runner: &Runner,
        work: Work<'_>,
        step_env: BTreeMap<String, String>,
        overtime: Overtime,
    ) -> Result<Self, RunnerError> {
        let debug = runner.env.get("RUNNER_DEBUG").is_some_and(|value| value == "1");
        let mut console = Console::new(runner.masks.clone(), debug);
        let (steps, outputs, inputs, dir) = match work {
            Work::Action(action, with) => {
                let inputs = inputs(action, with, &mut console);
                (action.steps.clone(), Some(action.outputs.clone()), inputs, Some(action.dir.as_path()))
            }
            Work::Script(script) => (vec![RunStep::from(script)], None, BTreeMap::new(), None),
        };
        Ok(Self {
            steps,
            outputs,
            timing: runner.timing,
            workspace: runner.workspace.clone(),
            temp: runner.temp(),
            base: base(runner),
            fixed: fixed(runner, dir),
            job_env: runner.env.clone(),
            step_env,
            contexts: Contexts { inputs, ..Contexts::default() },
            console,
            stdout: Vec::new(),
            stderr: Vec::new(),
            summary: String::new(),
            exported: BTreeMap::new(),
            paths: runner.paths.clone(),
            overtime,
            survivors: Vec::new(),
        })
    }

    pub(super) async fn run(
        mut self,
        mut control: mpsc::UnboundedReceiver<Control>,
        heard: Heard,
    ) -> Result<Step, RunnerError> {
        let (mut conclusion, mut status) = (Conclusion::Success, None);
        for (at, step) in std::mem::take(&mut self.steps).iter().enumerate() {
            self.console.begin_step();
            let ended = self.run_step(step, at, &mut control, &heard).await?;
            status = Some(ended.status);
            conclusion = self.conclude(ended);
            if conclusion != Conclusion::Success {
                break;
            }
        }
        let outputs = self.outputs()?;
        Ok(Step {
            conclusion,
            status,
            outputs,
            inner_outputs: self.contexts.steps,
            stdout: String::from_utf8_lossy(&self.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&self.stderr).into_owned(),
            log: self.console.log,
            annotations: self.console.annotations,
            complaints: self.console.complaints,
            masks: self.console.masks,
            summary: self.summary,
            exported: self.exported,
            paths: self.paths,
            survivors: self.survivors,
        })
    }

    fn outputs(&self) -> Result<BTreeMap<String, String>, RunnerError> {
        match &self.outputs {
            Some(outputs) => evaluated(outputs, &self.contexts),
            None => Ok(self.contexts.steps.values().flatten().map(|(n, v)| (n.clone(), v.clone())).collect()),
        }
    }

    async fn run_step(
        &mut self,
        step: &RunStep,
        at: usize,
        control: &mut mpsc::UnboundedReceiver<Control>,
        heard: &Heard,
    ) -> Result<Ended, RunnerError> {
        let files = StepFiles::create(&self.temp).map_err(RunnerError::io("make the step's files"))?;
        let env = self.enter(step)?;
        let script = step.run.evaluate(&self.contexts)?;
        std::fs::write(&files.script, &script).map_err(RunnerError::io("write the step's script"))?;
        let shell = which(step.shell.program())?;
        self.header(&script, &shell, step.shell, &env);

        let mut command = Command::new(&shell);
        command.args(step.shell.arguments()).arg(&files.script);
        command.current_dir(self.workspace.join(step.working_directory.evaluate(&self.contexts)?));
        command
            .env_clear()
            .envs(&self.base)
            .envs(&env)
            .envs(self.path(&env))
            .envs(&self.fixed)
            .envs(files.variables());
        command.env("GITHUB_ACTION", step.id.clone().unwrap_or_else(|| format!("__run_{at}")));

        let mut listener = Listener::new(&mut self.console, &mut self.stdout, &mut self.stderr, heard);
        let ended = process::run(command, self.timing, control, |stream, bytes| listener.hear(stream, bytes));
        let ended = ended.await.map_err(RunnerError::io("run the shell"))?;
        let left = survivors(&files.mark(), self.timing.grace).await;
        self.survivors.extend(left);
        self.report_exit(ended);
        self.read(&files, step);
        Ok(ended)
    }

    /// The variables of a step; its own are evaluated all at once, so none sees another.
    fn enter(&mut self, step: &RunStep) -> Result<BTreeMap<String, String>, RunnerError> {
        let mut env = self.job_env.clone();
        env.extend(self.step_env.clone());
        self.contexts.env = env;
        let own = evaluated(&step.env, &self.contexts)?;
        self.contexts.env.extend(own);
        Ok(self.contexts.env.clone())
    }

    /// `PATH` with what earlier steps put before it; nothing when they put nothing.
    fn path(&self, env: &BTreeMap<String, String>) -> Option<(&'static str, OsString)> {
        if self.paths.is_empty() {
            return None;
        }
        let own = env.get("PATH").map(OsString::from).or_else(|| self.base.get("PATH").cloned());
        let mut path = OsString::from(self.paths.iter().rev().cloned().collect::<Vec<_>>().join(":"));
        if let Some(own) = own {
            path.push(":");
            path.push(own);
        }
        Some(("PATH", path))
    }

    /// What the log shows before a step: the script and *every* variable, masked only as far as known by now.
    fn header(&mut self, script: &str, program: &Path, shell: Shell, env: &BTreeMap<String, String>) {
        let first = script.trim_start().lines().next().unwrap_or_default();
        self.console.write(&format!("##[group]Run {first}"));
        for line in script.lines() {
            self.console.write(&format!("\u{1b}[36;1m{line}\u{1b}[0m"));
        }
        self.console.write(&format!("shell: {} {} {{0}}", program.display(), shell.arguments().join(" ")));
        if !env.is_empty() {
            self.console.write("env:");
        }
        for (name, value) in env {
            self.console.write(&format!("  {name}: {value}"));
        }
        self.console.write("##[endgroup]");
    }

    fn report_exit(&mut self, ended: Ended) {
        if !ended.cancelled && !ended.status.success() {
            let code = exit_code(ended.status).unwrap_or_default();
            self.console.complain(Level::Error, &format!("Process completed with exit code {code}."));
        }
    }

    fn conclude(&mut self, ended: Ended) -> Conclusion {
        if ended.cancelled
            && let Some(words) = self.overtime.get()
        {
            self.console.complain(Level::Error, words);
            return Conclusion::Failure;
        }
        if ended.cancelled {
            self.console.complain(Level::Error, "The operation was canceled.");
            return Conclusion::Cancelled;
        }
        if ended.status.success() && !self.console.failed { Conclusion::Success } else { Conclusion::Failure }
    }

    /// Takes over what the step wrote into its files, whether it succeeded, failed or was cancelled.
    fn read(&mut self, files: &StepFiles, step: &RunStep) {
        let mut outputs = std::mem::take(&mut self.console.outputs);
        outputs.extend(self.pairs(files, "output"));
        let outputs = outputs.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
        if let Some(id) = &step.id {
            self.contexts.steps.entry(id.to_ascii_lowercase()).or_default().extend(outputs);
        }
        for (name, value) in self.pairs(files, "env") {
            if name.eq_ignore_ascii_case("NODE_OPTIONS") {
                self.console.complain(
                    Level::Error,
                    "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.",
                );
                continue;
            }
            self.job_env.insert(name.clone(), value.clone());
            self.exported.insert(name, value);
        }
        self.pairs(files, "state");
        for folder in files.text("path").lines().filter(|line| !line.is_empty()) {
            self.paths.retain(|known| known != folder);
            self.paths.push(folder.to_owned());
        }
        match files::summary(&files.bytes("step_summary"), &self.console.masks) {
            Ok(summary) => self.summary.push_str(&summary),
            Err(refusal) => self.console.complain(Level::Error, &refusal),
        }
    }

    fn pairs(&mut self, files: &StepFiles, kind: &str) -> Vec<(String, String)> {
        let (pairs, malformed) = files::pairs(&files.text(kind));
        if let Some(malformed) = malformed {
            self.console
                .complain(Level::Error, &format!("Unable to process file command '{kind}' successfully."));
            self.console.refuse(&malformed.to_string());
        }
        pairs
    }
}

/// Sends output where it belongs: whole to the captured streams, line by line to the log and to who waits.
struct Listener<'a> {
    console: &'a mut Console,
    streams: [(&'a mut Vec<u8>, Lines); 2],
    heard: &'a Heard,
}

impl<'a> Listener<'a> {
    fn new(
        console: &'a mut Console,
        stdout: &'a mut Vec<u8>,
        stderr: &'a mut Vec<u8>,
        heard: &'a Heard,
    ) -> Self {
        Self { console, streams: [(stdout, Lines::default()), (stderr, Lines::default())], heard }
    }

    fn hear(&mut self, stream: Stream, bytes: Option<&[u8]>) {
        let (raw, lines) = match stream {
            Stream::Stdout => &mut self.streams[0],
            Stream::Stderr => &mut self.streams[1],
        };
        raw.extend_from_slice(bytes.unwrap_or_default());
        let complete = match bytes {
            Some(bytes) => lines.feed(bytes),
            None => lines.finish().into_iter().collect(),
        };
        for line in complete {
            self.console.line(&line);
            self.heard.line(&line);
        }
    }
}

/// Inputs by name in small letters: what `with` gives, else the default. `required` is not enforced, and an
/// unknown name is a warning, both as on GitHub.
fn inputs(action: &Action, with: Vec<(String, String)>, console: &mut Console) -> BTreeMap<String, String> {
    let defaults = action.inputs.iter().map(|input| (input.name.to_ascii_lowercase(), input.default.clone()));
    let mut inputs: BTreeMap<String, String> = defaults.collect();
    let mut unexpected = Vec::new();
    for (name, value) in with {
        match action.inputs.iter().find(|input| input.name.eq_ignore_ascii_case(&name)) {
            None => unexpected.push(name.clone()),
            Some(input) => {
                if let Some(message) = &input.deprecation {
                    let warning = format!("Input '{name}' has been deprecated with message: {message}");
                    console.complain(Level::Warning, &warning);
                }
            }
        }
        inputs.insert(name.to_ascii_lowercase(), value);
    }
    if !unexpected.is_empty() {
        let (unexpected, valid) = (unexpected.join("', '"), action.inputs().collect::<Vec<_>>().join("', '"));
        let warning = format!("Unexpected input(s) '{unexpected}', valid inputs are ['{valid}']");
        console.complain(Level::Warning, &warning);
    }
    inputs
}

/// Each template with its text.
fn evaluated(
    templates: &[(String, Template)],
    contexts: &Contexts,
) -> Result<BTreeMap<String, String>, RunnerError> {
    templates.iter().map(|(name, value)| Ok((name.clone(), value.evaluate(contexts)?))).collect()
}
