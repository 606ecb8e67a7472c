//! Looks at everything that a way back depends on.

use std::collections::BTreeMap;

use action::{Context, Failure};
use cloudflare::Cloudflare;
use cutover::Pointing;
use cutover::rollback::{Names, Prior, PriorCode, Stage, Work, World};
use git::Repository;
use postgres::ledger::{DATABASE_URL, Deployment, FlipRefusal, Surroundings};
use postgres::{Database, Ledger};
use render::Render;

use crate::code;

use crate::estate::Estate;
use crate::job::Job;
use crate::services::{self, Services};

/// The world, and what of it the rules do not need but people do.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) world: World,
    pub(crate) around: Surroundings,
    /// Where the names pointed before the generation.
    pub(crate) before: Pointing,
    pub(crate) estate: Estate,
    /// The repository, where it was needed.
    pub(crate) repository: Option<Repository>,
}

impl Found {
    /// The newest generation of all that serves.
    pub(crate) fn serving(&self) -> Option<&Deployment> {
        serving(&self.around)
    }

    /// Whether the generation is recorded as rolled back, and its names are back.
    pub(crate) fn is_back(&self) -> bool {
        let back = matches!(self.world.names, Names::Before | Names::None);
        self.world.stage == Stage::RolledBack && back
    }
}

/// Looks. What the ledger alone decides keeps others from being asked.
///
/// # Errors
/// `stale`: no such generation, or a manifest that does not fit it; and those of the
/// database, of Cloudflare, Render and git.
pub(crate) async fn look(job: &Job, context: &Context) -> Result<Found, Failure> {
    let ledger = Ledger::open(context)?;
    let around = ledger
        .surroundings(job.generation, &job.worker_target)
        .await?
        .ok_or_else(|| nothing(job.generation))?;
    let row = &around.row;
    let before = previous(row)?;
    let mut world = World {
        generation: row.generation,
        commit: row.sha.clone(),
        stage: stage(row, job),
        flipping: row.since_intent.is_some_and(|since| since < job.flip_limit),
        names: Names::None,
        newer: around.newer.as_ref().map(|newer| newer.generation),
        open: around.open.as_ref().map(|open| open.generation),
        serving: serving(&around).map(|row| row.generation),
        beside: around.beyond.iter().filter(|row| row.serves()).map(|row| row.generation).collect(),
        prior: around.prior.as_ref().map(|prior| Prior {
            generation: prior.generation,
            commit: prior.sha.clone(),
            code: PriorCode::There,
        }),
        former: Vec::new(),
        since: Vec::new(),
        outbox: Work { own: around.own_work, below: around.work_below.total() },
    };
    let (mut estate, mut repository) = (Estate::default(), None);
    if world.stage != Stage::Allocated && world.newer.is_none() && world.open.is_none() {
        if !before.is_empty() {
            let manifest = manifest_file::read(context, &job.manifest)?;
            estate = Estate::new(&manifest, row, &before, job, context)?;
            let api = Cloudflare::new(context, context.secret(colours::TOKEN)?)?;
            let now = colours::pointing(&api, &job.zone_id, before.keys().map(String::as_str)).await;
            let now = now.map_err(|error| Failure::from(error).context("read the DNS records"))?;
            world.names = Names::of(&before, &now, &estate.after);
        }
        if is_seen(&world) {
            let services = of_render(context, &estate, &around).await?;
            repository = of_the_code(job, context, &around, &services, &mut world).await?;
            world.former = services.former;
        }
    }
    Ok(Found { world, around, before, estate, repository })
}

fn serving(around: &Surroundings) -> Option<&Deployment> {
    let own = std::iter::once(&around.row).chain(&around.beyond).rfind(|row| row.serves());
    own.or(around.prior.as_ref())
}

/// Whether anybody was ever served by it: else neither services nor code matter.
fn is_seen(world: &World) -> bool {
    match world.stage {
        Stage::CutOver { .. } => true,
        Stage::Announced => matches!(world.names, Names::After | Names::Between),
        Stage::Allocated | Stage::RolledBack => false,
    }
}

fn stage(row: &Deployment, job: &Job) -> Stage {
    if row.rolled_back_at.is_some() {
        Stage::RolledBack
    } else if row.cut_over_at.is_some() {
        let held = row.since_cut_over.is_some_and(|since| since < job.hold);
        Stage::CutOver { held, synced: row.synced_at.is_some() }
    } else if row.intent_at.is_some() {
        Stage::Announced
    } else {
        Stage::Allocated
    }
}

/// Where names pointed before the generation; nothing if it announced no flip.
fn previous(row: &Deployment) -> Result<Pointing, Failure> {
    let Some(value) = &row.previous_cnames else { return Ok(Pointing::new()) };
    let found: BTreeMap<String, String> = serde_json::from_value(value.clone()).map_err(|_| {
        Failure::stale(format!(
            "generation {} of the ledger has previous names of an unknown form",
            row.generation
        ))
        .hint("`previous_cnames` must be an object of host names and what they pointed at; mend the row")
    })?;
    Ok(found.into_iter().map(|(host, target)| (host.to_ascii_lowercase(), target)).collect())
}

async fn of_render(context: &Context, estate: &Estate, around: &Surroundings) -> Result<Services, Failure> {
    if estate.moved.is_empty() {
        return Ok(Services::default());
    }
    let render = Render::new(context, context.secret(render::API_KEY)?)?;
    services::look(context, &render, &estate.moved, around).await
}

/// Whether the code from before is there, and what it does not know of the schema.
async fn of_the_code(
    job: &Job,
    context: &Context,
    around: &Surroundings,
    services: &Services,
    world: &mut World,
) -> Result<Option<Repository>, Failure> {
    let Some(prior) = &mut world.prior else { return Ok(None) };
    let repository = code::open(context).await?;
    match code::find(&repository, &prior.commit).await? {
        None => {
            prior.code = PriorCode::NoCommit;
            context.warn(&format!(
                "commit {} of generation {} is not to be had, so nobody compared its migrations with the schema of today",
                prior.commit, prior.generation
            ));
        }
        Some(commit) => {
            if !services.unlisted.is_empty() {
                prior.code = PriorCode::NoDeploy(services.unlisted.clone());
            }
            let applied = database(context)?.migrations().await?;
            let (folder, own) = (&job.migrations, &around.row.sha);
            world.since = code::migrations_since(&repository, folder, &commit, own, &applied).await?;
        }
    }
    Ok(Some(repository))
}

fn nothing(generation: Option<u64>) -> Failure {
    match generation {
        Some(generation) => FlipRefusal::Unknown(generation).into(),
        None => Failure::stale("the ledger has no generation, so nothing was ever deployed by it")
            .hint("check that DATABASE_URL leads to the database that hands the numbers out"),
    }
}

/// The database itself, for what is not the ledger's.
fn database(context: &Context) -> Result<Database, Failure> {
    Ok(Database::new(context, &context.secret(DATABASE_URL)?)?)
}
