//! Identifiers of Render's form.

/// Makes identifiers such as `srv-crbq6v3qf0us73dfii20`: a prefix and twenty
/// lower-case letters and digits, the form in recorded traffic and (for events)
/// in Render's API reference.
///
/// They are the same in every run and do not sort by age, so that nothing comes
/// to rely on their order.
#[derive(Debug)]
pub(super) struct Ids {
    random: fastrand::Rng,
}

impl Default for Ids {
    fn default() -> Self {
        Self { random: fastrand::Rng::with_seed(0x5EED) }
    }
}

impl Ids {
    pub(super) fn service(&mut self, cron: bool) -> String {
        self.make(if cron { "crn" } else { "srv" })
    }

    pub(super) fn deploy(&mut self) -> String {
        self.make("dep")
    }

    pub(super) fn env_group(&mut self) -> String {
        self.make("evg")
    }

    pub(super) fn custom_domain(&mut self) -> String {
        self.make("cdm")
    }

    pub(super) fn event(&mut self) -> String {
        self.make("evt")
    }

    pub(super) fn log(&mut self) -> String {
        self.make("log")
    }

    /// What Render puts behind a slug that is taken, as in `env-var-test-xd0w`.
    pub(super) fn suffix(&mut self) -> String {
        self.characters(4)
    }

    /// A value for `generateValue`: recorded ones are 256 random bits in base64.
    pub(super) fn generated_value(&mut self) -> String {
        format!("{}=", self.characters(43))
    }

    fn make(&mut self, prefix: &str) -> String {
        format!("{prefix}-{}", self.characters(20))
    }

    fn characters(&mut self, count: usize) -> String {
        std::iter::repeat_with(|| self.random.digit(36)).take(count).collect()
    }
}
