//! Who monitors whom, and supervisors in sessions.
//!
//! Owns: the data. Must not: decide who may monitor.

use crate::domain::EmployeeId;
use crate::domain::message::Visibility;
use crate::domain::monitoring::{MonitorMode, MonitoringScope};
use crate::proto::media::ParticipantDto;
use serde::{Deserialize, Serialize};

/// Who is monitored by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Monitoring {
    pub supervisor: EmployeeId,
    pub agent: EmployeeId,
    /// How the supervisor comes into a session.
    pub mode: MonitorMode,
    /// Into which.
    pub which: MonitoringScope,
}

/// A supervisor in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watcher {
    pub supervisor: EmployeeId,
    /// The agent because of whom they are here.
    pub agent: EmployeeId,
    /// How they are here.
    pub mode: MonitorMode,
    /// The name under which their messages are shown.
    pub nickname: String,
}

impl Watcher {
    /// The supervisor as a party.
    pub fn party(&self) -> ParticipantDto {
        let visibility = match self.mode {
            MonitorMode::Monitor => Visibility::Supervisor,
            MonitorMode::Coach => Visibility::Agent,
            MonitorMode::BargeIn => Visibility::All,
        };
        ParticipantDto {
            participant_id: format!("supervisor-{}", self.supervisor),
            kind: "Supervisor".to_owned(),
            nickname: self.nickname.clone(),
            visibility: visibility.word().to_owned(),
            person_id: Some(self.supervisor.as_str().to_owned()),
        }
    }
}
