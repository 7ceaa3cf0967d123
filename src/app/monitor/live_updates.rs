//! What updates of the live view mean for the monitor, on a server that keeps no feed.

use super::msg::{MonitorEvent, MonitorLink, MonitoringCounts};
use crate::app::live_view::{LiveUpdate, SilentMonitoring};
use crate::domain::AttachedData;
use crate::domain::options::{Options, SECTION};
use crate::domain::pending::Thresholds;
use crate::proto::session::{ConfigurationDto, section_of};
use crate::proto::watch::LivePage;

/// The updates as events of the monitor, with one page for everything that changed. `local` has the options of the
/// configuration file.
pub fn events_of(
    updates: Vec<LiveUpdate>,
    monitoring: &SilentMonitoring,
    local: &AttachedData,
) -> Vec<MonitorEvent> {
    let sessions = monitoring.sessions();
    let (mut events, mut page, mut is_whole) = (Vec::new(), LivePage::default(), false);
    for update in updates {
        match update {
            LiveUpdate::Online => events.push(MonitorEvent::Link(MonitorLink::Online)),
            LiveUpdate::Configured(configuration) => {
                events.push(MonitorEvent::Thresholds(thresholds(&configuration, local)));
            }
            LiveUpdate::Known | LiveUpdate::Agents => is_whole = true,
            LiveUpdate::Session(id) => {
                page.gone.retain(|gone| *gone != id);
                page.sessions.retain(|session| session.id != id);
                page.sessions.extend(sessions.live(&id));
            }
            LiveUpdate::Gone(id) => {
                page.sessions.retain(|session| session.id != id);
                page.gone.push(id);
            }
            LiveUpdate::Entry(_) => {}
            LiveUpdate::Counted { monitored, refused } => {
                events.push(MonitorEvent::WithoutFeed(MonitoringCounts { monitored, refused }));
            }
            LiveUpdate::Transcript { id, part, result } => {
                events.push(MonitorEvent::Log { id, part, result })
            }
        }
    }
    if !monitoring.is_known() {
        return events;
    }
    if is_whole {
        events.push(MonitorEvent::Live(Box::new(sessions.page())));
    } else if !(page.sessions.is_empty() && page.gone.is_empty()) {
        events.push(MonitorEvent::Live(Box::new(page)));
    }
    events
}

/// When an answer is late: as the server's configuration says, else as the configuration file does.
pub fn thresholds(configuration: &ConfigurationDto, local: &AttachedData) -> Thresholds {
    let mut layers = vec![local.clone()];
    layers.extend(configuration.layers(SECTION));
    layers.extend(configuration.user_properties.iter().map(|own| section_of(own, SECTION)));
    Options::resolve(&layers.iter().collect::<Vec<_>>()).0.pending
}
