//! How somebody runs this action by hand.

use action::bash_word;

use crate::Mode;
use crate::job::Job;

/// The line that runs this action for a generation, with what the job says that is not usual.
pub(crate) fn command_line(mode: Mode, generation: u64, job: &Job, manifest: &str) -> String {
    let mode = match mode {
        Mode::Plan => "plan",
        Mode::FlipBack => "flip-back",
        Mode::Tag => "tag",
    };
    let mut line = format!(
        "rollback --mode {mode} --symptom {} --generation {generation} --zone-id {}",
        job.symptom.word(),
        bash_word(&job.zone_id)
    );
    let mut add = |flag: &str, value: &str| line.push_str(&format!(" --{flag}={}", bash_word(value)));
    if manifest != manifest_file::USUAL {
        add("manifest", manifest);
    }
    if job.migrations != migration_files::USUAL {
        add("migrations", &job.migrations);
    }
    if job.hold != crate::HOLD {
        add("hold", &humantime::format_duration(job.hold).to_string());
    }
    if job.flip_limit != crate::FLIP_LIMIT {
        add("flip-limit", &humantime::format_duration(job.flip_limit).to_string());
    }
    if !job.servers.is_empty() {
        let servers: Vec<String> = job.servers.iter().map(ToString::to_string).collect();
        add("nameserver", &servers.join("\n"));
    }
    line
}
