//! Event triggers.

use super::{Aspect, Replay};
use crate::catalogue::EventTrigger;
use crate::rule::{Level, Rule};
use crate::statement::EventTriggerChange;

impl Replay {
    pub(super) fn event_trigger(&mut self, name: &str, change: &EventTriggerChange) {
        let id = match change {
            EventTriggerChange::Create { event, tags, function } => {
                let id = self.id();
                let path = self.now.function_path(function, &self.search);
                let function = path.unwrap_or_else(|| self.place(function));
                let (event, tags) = (event.clone(), tags.clone());
                let trigger = EventTrigger { id, enabled: true, event, tags, function };
                self.now.event_triggers.insert(name.to_owned(), trigger);
                Some(id)
            }
            EventTriggerChange::Drop { if_exists } => {
                let known = self.now.event_triggers.remove(name);
                if known.is_none() && !if_exists {
                    let text = format!("the event trigger {name} goes; the history does not show it");
                    self.event(Rule::DropTrigger, Level::NeedsReview, text);
                }
                known.map(|trigger| trigger.id)
            }
            EventTriggerChange::Switch { on } => self.now.event_triggers.get_mut(name).map(|trigger| {
                trigger.enabled = *on;
                trigger.id
            }),
            EventTriggerChange::Rename { to } => {
                let trigger = self.now.event_triggers.remove(name);
                trigger.map(|trigger| {
                    let id = trigger.id;
                    self.now.event_triggers.insert(to.clone(), trigger);
                    id
                })
            }
        };
        id.into_iter().for_each(|id| self.touch(id, Aspect::Shape));
    }
}
