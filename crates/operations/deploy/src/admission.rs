//! What is refused before anything else is read or changed.

use action::Failure;
use render::{AutoDeploy, AutoDeployTrigger, Service, ServiceType, Suspension};

use crate::image::ImageRef;
use crate::target::Target;

/// Whether the service may be deployed from here, and with this target.
///
/// # Errors
/// `refused`, or `invalid` when the target does not fit the service's kind.
pub(crate) fn admit(service: &Service, target: &Target) -> Result<(), Failure> {
    let name = named(service);
    if service.suspended != Suspension::NotSuspended {
        return Err(Failure::refused(format!("{name} is {}", service.suspended))
            .hint("resume it in its settings on dashboard.render.com, then run again"));
    }
    if let Some(setting) = auto_deploy(service) {
        return Err(Failure::refused(format!("{name} deploys by itself ({setting})"))
            .hint("the next push, or a change of a linked env group, would replace what is deployed here")
            .hint("turn it off: set Auto-Deploy to Off in the service's settings, or PATCH the service with autoDeploy no"));
    }
    match target {
        Target::Commit(_) if service.kind == ServiceType::CronJob => {
            Err(Failure::refused(format!("{name} is a cron job, and Render takes no commit for one"))
                .hint("leave `commit` out: the head of the job's branch is deployed"))
        }
        Target::Commit(_) if runs_an_image(service) => {
            Err(Failure::refused(format!("{name} runs an image, so it has no commits"))
                .hint("give `image-url` instead of `commit`"))
        }
        Target::Head if service.kind != ServiceType::CronJob => {
            Err(Failure::invalid("neither `commit` nor `image-url` is given")
                .hint("only a cron job takes the head of its branch; name the commit or the image to deploy")
                .hint("an output of another job that arrives empty counts as not given; check its `needs:`"))
        }
        Target::Image(image) => admit_image(service, image),
        Target::Commit(_) | Target::Head => Ok(()),
    }
}

/// Render demands the same host, repository and name (its API reference, trigger
/// deploy); checked here so that no variable is written for nothing.
fn admit_image(service: &Service, image: &ImageRef) -> Result<(), Failure> {
    let name = named(service);
    if !runs_an_image(service) && service.repo.is_some() {
        return Err(Failure::refused(format!("{name} is built from a repository and runs no image"))
            .hint("give `commit` instead of `image-url`"));
    }
    let configured = service.image_path.as_deref().and_then(ImageRef::parse);
    match configured {
        Some(configured) if !configured.same_repository(image) => Err(Failure::refused(format!(
            "{name} runs {configured}, and {image} is of another repository"
        ))
        .hint(
            "Render takes another tag or digest only; the repository is changed in the service's settings",
        )),
        _ => Ok(()),
    }
}

/// The setting that makes it deploy by itself. Either field counts: older services
/// show the first alone, and nobody says which one wins.
fn auto_deploy(service: &Service) -> Option<String> {
    if let Some(older @ (AutoDeploy::Yes | AutoDeploy::Other(_))) = &service.auto_deploy {
        return Some(format!("autoDeploy is {older}"));
    }
    match &service.auto_deploy_trigger {
        None | Some(AutoDeployTrigger::Off) => None,
        Some(newer) => Some(format!("autoDeployTrigger is {newer}")),
    }
}

fn runs_an_image(service: &Service) -> bool {
    service.image_path.as_deref().is_some_and(|path| !path.is_empty())
}

/// A service in words: `srv-456 (api)`.
pub(crate) fn named(service: &Service) -> String {
    format!("{} ({})", service.id, service.name)
}

#[cfg(test)]
mod tests {
    use action::Ending;
    use render::Details;

    use super::*;

    fn service() -> Service {
        Service {
            id: "srv-1".parse().unwrap(),
            name: "api".into(),
            kind: ServiceType::WebService,
            owner_id: "tea-1".into(),
            suspended: Suspension::NotSuspended,
            auto_deploy: Some(AutoDeploy::No),
            auto_deploy_trigger: Some(AutoDeployTrigger::Off),
            repo: Some("https://github.com/acme/api".into()),
            branch: Some("main".into()),
            root_dir: None,
            environment_id: None,
            image_path: None,
            dashboard_url: None,
            service_details: Details::default(),
        }
    }

    fn with_image() -> Service {
        Service { repo: None, image_path: Some("docker.io/acme/api:1".into()), ..service() }
    }

    fn commit() -> Target {
        Target::new(Some(&"a".repeat(40)), None).unwrap()
    }

    fn image(text: &str) -> Target {
        Target::new(None, Some(text)).unwrap()
    }

    #[test]
    fn the_usual_passes() {
        assert_eq!(admit(&service(), &commit()), Ok(()));
        assert_eq!(admit(&with_image(), &image("acme/api:2")), Ok(()));
        assert_eq!(admit(&Service { auto_deploy_trigger: None, ..service() }, &commit()), Ok(()));
        let cron = Service { kind: ServiceType::CronJob, ..service() };
        assert_eq!(admit(&cron, &Target::Head), Ok(()));
        let cron = Service { kind: ServiceType::CronJob, ..with_image() };
        assert_eq!(admit(&cron, &image("acme/api:2")), Ok(()));
    }

    #[test]
    fn every_refusal_says_what_and_how_to_go_on() {
        let cron = Service { kind: ServiceType::CronJob, ..service() };
        for (service, target, told) in [
            (Service { suspended: Suspension::Suspended, ..service() }, commit(), "srv-1 (api) is suspended"),
            (Service { suspended: Suspension::Other("held".into()), ..service() }, commit(), "is held"),
            (Service { auto_deploy: Some(AutoDeploy::Yes), ..service() }, commit(), "autoDeploy is yes"),
            (
                Service {
                    auto_deploy: None,
                    auto_deploy_trigger: Some(AutoDeployTrigger::ChecksPass),
                    ..service()
                },
                commit(),
                "autoDeployTrigger is checksPass",
            ),
            (
                Service { auto_deploy_trigger: Some(AutoDeployTrigger::Other("weekly".into())), ..service() },
                commit(),
                "autoDeployTrigger is weekly",
            ),
            (cron, commit(), "is a cron job"),
            (with_image(), commit(), "runs an image"),
            (service(), image("acme/api:2"), "runs no image"),
            (with_image(), image("acme/web:2"), "of another repository"),
        ] {
            let failure = admit(&service, &target).unwrap_err();
            assert_eq!(failure.ending(), Ending::Refused);
            assert!(failure.message().contains(told), "{failure}");
            assert!(!failure.hints().is_empty());
        }
        let failure = admit(&service(), &Target::Head).unwrap_err();
        assert_eq!(failure.ending(), Ending::Invalid);
    }
}
