//! Where each variable belongs (ADR-053 D8).

use std::collections::BTreeMap;

use manifest::EnvClasses;

use crate::read::{Estate, Holder};

/// The class of each variable, by its name in upper case: `schema_version` of the
/// image and SCHEMA_VERSION of a service mean the same.
#[derive(Debug)]
pub(crate) struct Rules(BTreeMap<String, Class>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    PerService,
    Group,
    ImageBaked,
    GitHub,
}

/// One variable that stands where it does not belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) key: String,
    /// What holds it: `service` or `env group`, its id and its name.
    pub(crate) place: String,
    pub(crate) problem: String,
    pub(crate) fix: &'static str,
}

impl Rules {
    pub(crate) fn new(classes: &EnvClasses) -> Self {
        let lists = [
            (&classes.per_service, Class::PerService),
            (&classes.group, Class::Group),
            (&classes.image_baked, Class::ImageBaked),
            (&classes.github, Class::GitHub),
        ];
        let keys =
            lists.into_iter().flat_map(|(keys, class)| keys.iter().map(move |key| (folded(key), class)));
        Self(keys.collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything that is wrong: services first, then groups.
    pub(crate) fn findings(&self, estate: &Estate) -> Vec<Finding> {
        let of_services = estate.services.iter().flat_map(|service| self.of_service(service, &estate.groups));
        let of_groups = estate.groups.iter().flat_map(|group| self.of_group(group));
        of_services.chain(of_groups).collect()
    }

    fn of_service(&self, service: &Holder, groups: &[Holder]) -> Vec<Finding> {
        let found = service.keys.iter().filter_map(|key| {
            let hidden: Vec<&str> = groups
                .iter()
                .filter(|group| group.linked.contains(&service.id) && group.holds(key))
                .map(|group| group.name.as_str())
                .collect();
            let (problem, fix) = self.on_service(key, &hidden)?;
            Some(Finding { key: key.clone(), place: service.told("service"), problem, fix })
        });
        found.collect()
    }

    fn on_service(&self, key: &str, hidden: &[&str]) -> Option<(String, &'static str)> {
        let hides = || format!("hides the value of env group {}", hidden.join(", "));
        match self.0.get(&folded(key)) {
            Some(Class::ImageBaked) => {
                Some(("is baked into the image, and set as a variable".to_owned(), BAKED))
            }
            Some(Class::GitHub) => {
                Some(("is a token of GitHub's side, and stands on Render".to_owned(), GITHUB))
            }
            Some(Class::Group) if hidden.is_empty() => Some((
                "is shared, and set on one service".to_owned(),
                "set it in an env group, and delete it on the service",
            )),
            Some(Class::Group) => Some((hides(), "delete it on the service")),
            // The group's own finding says where it belongs.
            Some(Class::PerService) => None,
            None => (!hidden.is_empty()).then(|| {
                (hides(), "delete it in one of the two places, and give it a class in the manifest")
            }),
        }
    }

    fn of_group(&self, group: &Holder) -> Vec<Finding> {
        let found = group.keys.iter().filter_map(|key| {
            let (problem, fix) = match self.0.get(&folded(key))? {
                Class::PerService => {
                    ("belongs on each service, and stands in a linked env group", PER_SERVICE)
                }
                Class::ImageBaked => ("is baked into the image, and set as a variable", BAKED),
                Class::GitHub => ("is a token of GitHub's side, and stands on Render", GITHUB),
                Class::Group => return None,
            };
            Some(Finding {
                key: key.clone(),
                place: group.told("env group"),
                problem: problem.to_owned(),
                fix,
            })
        });
        found.collect()
    }
}

const PER_SERVICE: &str =
    "set it on each service with its deploy (render-deploy's `env`), then delete it in the group";
const BAKED: &str = "delete it: the image says it itself";
const GITHUB: &str = "delete it, make a new token, and keep that as a secret of the GitHub environment";

impl Holder {
    fn holds(&self, key: &str) -> bool {
        self.keys.iter().any(|own| folded(own) == folded(key))
    }

    fn told(&self, kind: &str) -> String {
        format!("{kind} {} ({})", self.id, self.name)
    }
}

fn folded(key: &str) -> String {
    key.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(id: &str, keys: &[&str], linked: &[&str]) -> Holder {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Holder { id: id.to_owned(), name: format!("the-{id}"), keys: owned(keys), linked: owned(linked) }
    }

    fn rules() -> Rules {
        let list = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        Rules::new(&EnvClasses {
            per_service: list(&["SPECTRAL_GENERATION"]),
            group: list(&["SENTRY_DSN"]),
            image_baked: list(&["schema_version"]),
            github: list(&["RENDER_API_KEY"]),
        })
    }

    fn told(services: Vec<Holder>, groups: Vec<Holder>) -> Vec<String> {
        let findings = rules().findings(&Estate { services, groups });
        findings.into_iter().map(|one| format!("{} {}: {}", one.place, one.key, one.problem)).collect()
    }

    #[test]
    fn what_stands_where_it_belongs_is_no_finding() {
        let services = vec![holder("srv-1", &["SPECTRAL_GENERATION", "OWN"], &[])];
        let groups = vec![holder("evg-1", &["SENTRY_DSN", "OTHER"], &["srv-1"])];
        assert_eq!(told(services, groups), [""; 0]);
    }

    #[test]
    fn each_class_in_each_wrong_place() {
        let keys = ["SPECTRAL_GENERATION", "SENTRY_DSN", "SCHEMA_VERSION", "render_api_key"];
        assert_eq!(
            told(vec![holder("srv-1", &keys, &[])], vec![]),
            [
                "service srv-1 (the-srv-1) SENTRY_DSN: is shared, and set on one service",
                "service srv-1 (the-srv-1) SCHEMA_VERSION: is baked into the image, and set as a variable",
                "service srv-1 (the-srv-1) render_api_key: is a token of GitHub's side, and stands on Render",
            ]
        );
        assert_eq!(
            told(vec![], vec![holder("evg-1", &keys, &["srv-1"])]),
            [
                "env group evg-1 (the-evg-1) SPECTRAL_GENERATION: belongs on each service, and stands in a linked env group",
                "env group evg-1 (the-evg-1) SCHEMA_VERSION: is baked into the image, and set as a variable",
                "env group evg-1 (the-evg-1) render_api_key: is a token of GitHub's side, and stands on Render",
            ]
        );
    }

    #[test]
    fn a_service_hides_only_the_groups_that_are_linked_to_it() {
        let services = || vec![holder("srv-1", &["SENTRY_DSN", "ANY"], &[])];
        let groups = |linked: &str| vec![holder("evg-1", &["SENTRY_DSN", "ANY"], &[linked])];
        assert_eq!(
            told(services(), groups("srv-1")),
            [
                "service srv-1 (the-srv-1) SENTRY_DSN: hides the value of env group the-evg-1",
                "service srv-1 (the-srv-1) ANY: hides the value of env group the-evg-1",
            ]
        );
        assert_eq!(
            told(services(), groups("srv-2")),
            ["service srv-1 (the-srv-1) SENTRY_DSN: is shared, and set on one service"]
        );
    }
}
