//! The rules that the shape alone does not express.

use std::collections::{BTreeMap, HashMap, HashSet};

use yaml::Step;

use crate::manifest::{EnvClasses, Manifest, Service, Target, TargetName};
use crate::pattern_list::PatternList;
use crate::problem::ProblemKind;
use crate::schema::{RawEnv, RawManifest, RawService, RawTarget};
use crate::variables::{Value, is_variable_name};

/// How many segments all patterns may have together, once compiled: some 20 MB.
const MAX_SEGMENTS: usize = 200_000;

/// A broken rule, and the way to where it is broken.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: Vec<Step>,
    pub(crate) kind: ProblemKind,
}

/// Applies every rule; an error holds one item or more.
pub(crate) fn validate(raw: RawManifest) -> Result<Manifest, Vec<Found>> {
    let mut rules = Rules::default();
    let manifest = rules.manifest(raw);
    if rules.found.is_empty() { Ok(manifest) } else { Err(rules.found) }
}

#[derive(Default)]
struct Rules {
    found: Vec<Found>,
    segments: usize,
}

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

/// `path` and one step more.
fn then(path: &[Step], step: Step) -> Vec<Step> {
    let mut longer = path.to_vec();
    longer.push(step);
    longer
}

impl Rules {
    fn note(&mut self, path: Vec<Step>, kind: ProblemKind) {
        self.found.push(Found { path, kind });
    }

    fn manifest(&mut self, raw: RawManifest) -> Manifest {
        if raw.targets.is_empty() {
            self.note(vec![key("targets")], ProblemKind::NoTargets);
        }
        let coupling = self.coupling(&raw.coupling, &raw.targets);
        let manifest = Manifest {
            targets: self.targets(raw.targets),
            coupling,
            everything: self.patterns(&[key("everything")], &raw.everything),
            non_deployed: self.patterns(&[key("non_deployed")], &raw.non_deployed),
            roots: self.roots(&raw.roots),
            env: self.env(raw.env),
        };
        if self.segments > MAX_SEGMENTS {
            self.note(vec![key("targets")], ProblemKind::TooManyPatterns);
        }
        manifest
    }

    fn targets(&mut self, raw: BTreeMap<String, RawTarget>) -> BTreeMap<TargetName, Target> {
        let mut targets = BTreeMap::new();
        for (name, raw) in raw {
            let path = [key("targets"), key(&name)];
            let target = self.target(&path, &name, raw);
            match TargetName::new(&name) {
                Some(name) => drop(targets.insert(name, target)),
                None => {
                    self.note(vec![key("targets"), Step::Name(name.clone())], ProblemKind::TargetName(name))
                }
            }
        }
        targets
    }

    fn target(&mut self, path: &[Step], name: &str, raw: RawTarget) -> Target {
        let paths_at = then(path, key("paths"));
        if raw.paths.is_empty() {
            self.note(paths_at.clone(), ProblemKind::EmptyTarget(name.to_owned()));
        }
        let hostnames_at = then(path, key("hostnames"));
        self.each_once(&hostnames_at, &raw.hostnames);
        for (index, hostname) in raw.hostnames.iter().enumerate() {
            if !is_hostname(hostname) {
                self.note(then(&hostnames_at, Step::Item(index)), ProblemKind::Hostname(hostname.clone()));
            }
        }
        Target {
            paths: self.patterns(&paths_at, &raw.paths),
            kind: raw.kind,
            hostnames: raw.hostnames,
            blue: raw.blue.and_then(|raw| self.service(&then(path, key("blue")), &raw)),
            green: raw.green.and_then(|raw| self.service(&then(path, key("green")), &raw)),
            schema: raw.schema,
        }
    }

    fn service(&mut self, path: &[Step], raw: &RawService) -> Option<Service> {
        let id = self.value(then(path, key("service")), &raw.service);
        let origin = raw.origin.as_ref();
        let origin = origin.and_then(|text| self.value(then(path, key("origin")), text));
        Some(Service { id: id?, origin })
    }

    fn value(&mut self, path: Vec<Step>, text: &str) -> Option<Value> {
        Value::parse(text)
            .map_err(|error| {
                let text = text.to_owned();
                self.note(path, ProblemKind::Value { text, error });
            })
            .ok()
    }

    fn patterns(&mut self, path: &[Step], texts: &[String]) -> PatternList {
        let list = PatternList::parse(texts).unwrap_or_else(|errors| {
            for error in errors {
                let path = match error.index {
                    Some(index) => then(path, Step::Item(index)),
                    None => path.to_vec(),
                };
                self.note(path, ProblemKind::Pattern(error.error));
            }
            PatternList::default()
        });
        self.segments += list.entries().iter().map(|e| e.glob.size()).sum::<usize>();
        list
    }

    fn coupling(
        &mut self,
        groups: &[Vec<String>],
        targets: &BTreeMap<String, RawTarget>,
    ) -> Vec<Vec<TargetName>> {
        for (index, group) in groups.iter().enumerate() {
            let path = [key("coupling"), Step::Item(index)];
            if group.len() < 2 {
                self.note(path.to_vec(), ProblemKind::LonelyCoupling);
            }
            self.each_once(&path, group);
            for (at, name) in group.iter().enumerate() {
                if !targets.contains_key(name) {
                    let kind = ProblemKind::UnknownTarget(name.clone());
                    self.note(then(&path, Step::Item(at)), kind);
                }
            }
        }
        merge(groups)
    }

    fn roots(&mut self, roots: &[String]) -> Vec<String> {
        self.each_once(&[key("roots")], roots);
        for (index, root) in roots.iter().enumerate() {
            if !is_directory_path(root) {
                self.note(vec![key("roots"), Step::Item(index)], ProblemKind::Root(root.clone()));
            }
        }
        let without_slash = |root: &String| root.trim_end_matches('/').to_owned();
        roots.iter().map(without_slash).collect()
    }

    fn env(&mut self, raw: RawEnv) -> EnvClasses {
        let mut classes: HashMap<&str, &'static str> = HashMap::new();
        for (class, names) in [
            ("per_service", &raw.per_service),
            ("group", &raw.group),
            ("image_baked", &raw.image_baked),
            ("github", &raw.github),
        ] {
            let path = [key("env"), key(class)];
            self.each_once(&path, names);
            for (index, name) in names.iter().enumerate() {
                let kind = match classes.insert(name, class) {
                    Some(first) if first != class => ProblemKind::TwoClasses { name: name.clone(), first },
                    _ if !is_variable_name(name) => ProblemKind::VariableName(name.clone()),
                    _ => continue,
                };
                self.note(then(&path, Step::Item(index)), kind);
            }
        }
        EnvClasses {
            per_service: raw.per_service,
            group: raw.group,
            image_baked: raw.image_baked,
            github: raw.github,
        }
    }

    fn each_once(&mut self, path: &[Step], items: &[String]) {
        let mut seen = HashSet::new();
        for (index, item) in items.iter().enumerate() {
            if !seen.insert(item) {
                let path = then(path, Step::Item(index));
                self.note(path, ProblemKind::Repeated(item.clone()));
            }
        }
    }
}

/// Groups that share a target become one, since coupling is transitive.
fn merge(groups: &[Vec<String>]) -> Vec<Vec<TargetName>> {
    let mut merged: Vec<Vec<TargetName>> = Vec::new();
    for group in groups {
        let mut group: Vec<TargetName> = group.iter().filter_map(|n| TargetName::new(n)).collect();
        merged.retain(|known| {
            let apart = !known.iter().any(|name| group.contains(name));
            if !apart {
                group.extend_from_slice(known);
            }
            apart
        });
        group.sort();
        group.dedup();
        merged.push(group);
    }
    merged.sort();
    merged
}

/// A host name as DNS has it (RFC 1123): labels of letters, digits and dashes, at least two.
fn is_hostname(name: &str) -> bool {
    let is_label = |label: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (1..=63).contains(&label.len())
            && label.chars().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label)
}

/// A path like `apps` or `src/app/`, or a pattern of such paths like `src/*/*`.
fn is_directory_path(path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_segment = |segment: &str| {
        !["", ".", ".."].contains(&segment)
            && !segment.contains(['[', '{', '\\', '\0'])
            && !segment.contains("**")
    };
    path.trim() == path && path.split('/').all(is_segment)
}
