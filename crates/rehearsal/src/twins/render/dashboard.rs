//! What a person does in Render's dashboard, and what goes on behind it.

use super::settings::AutoDeploy;
use super::{Render, SeedError};

impl Render {
    /// Somebody sets a service's Auto-Deploy.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn set_auto_deploy(&self, service: &str, auto_deploy: AutoDeploy) -> Result<(), SeedError> {
        self.with_service(service, |service, _| service.settings.auto_deploy = auto_deploy)
    }

    /// Somebody changes a variable of the env group of this name: every linked service that has auto-deploy on is deployed (Render
    /// docs, environment variables and secrets).
    ///
    /// # Errors
    ///
    /// There is no such group.
    pub fn change_env_group(&self, group: &str, key: &str, value: &str) -> Result<(), SeedError> {
        self.with(|world, now| {
            let sequence = world.next_sequence();
            let known = world.groups.values_mut().find(|known| known.name == group);
            let known = known.ok_or_else(|| SeedError::UnknownGroup(group.to_owned()))?;
            known.variables.set(sequence, key, value);
            known.updated_at = now;
            let id = known.id.clone();
            world.deploy_linked(&id, now);
            Ok(())
        })
    }

    /// Whether the certificate of a custom domain is there. Render asks for one once the domain is verified (its docs,
    /// custom domains), and its API shows only the verification; until it is there a visitor's TLS handshake fails.
    /// It is there from [`Render::attach`] on until this takes it away. Nothing happens when the name is not attached.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub fn set_certificate(&self, service: &str, host: &str, issued: bool) -> Result<(), SeedError> {
        let host = host.to_lowercase();
        self.with_service(service, |service, _| {
            for domain in service.domains.iter_mut().filter(|domain| domain.name == host) {
                domain.certificate = issued;
            }
        })
    }

    /// Whether nobody gets through to a service by this name, a custom domain without a certificate.
    ///
    /// # Errors
    ///
    /// There is no such service.
    pub(crate) fn lacks_certificate(&self, service: &str, host: &str) -> Result<bool, SeedError> {
        self.with_service(service, |service, _| {
            let domains = service.domains.iter();
            let covering: Vec<_> = domains.filter(|domain| domain.verified && domain.covers(host)).collect();
            !covering.is_empty() && covering.iter().all(|domain| !domain.certificate)
        })
    }
}
