//! The roles of a theme, and the themes that come with the program.

use crate::app::core::blocks::Tone;
use crate::app::core::notice::Level;
use crate::domain::pending::Urgency;
use ratatui::style::{Color, Modifier, Style};

/// A style for each role. Custom themes name these roles with hyphens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Plain text.
    pub text: Style,
    /// Less important text: times, ticks, hints.
    pub faint: Style,
    /// Lines between panes.
    pub rule: Style,
    /// The notification bar.
    pub bar: Style,
    /// Headings and names.
    pub title: Style,
    /// A key in a hint.
    pub key: Style,
    /// Success; the state Ready.
    pub good: Style,
    /// A warning; the state Not Ready.
    pub warning: Style,
    /// A failure.
    pub error: Style,
    /// Messages of the customer.
    pub customer: Style,
    /// Messages of the agent.
    pub own: Style,
    /// Messages of colleagues.
    pub colleague: Style,
    /// Messages that the customer does not see.
    pub internal: Style,
    /// The input box while its text goes to colleagues only.
    pub colleagues: Style,
    /// Messages that the server has not confirmed.
    pub unsent: Style,
    /// The date between messages.
    pub date: Style,
    /// Notices of the system.
    pub notice: Style,
    /// Formatting marks in a message.
    pub marker: Style,
    /// Text between backticks.
    pub code: Style,
    /// A link.
    pub link: Style,
    /// The matches of a search.
    pub found: Style,
    /// The current match of a search.
    pub found_here: Style,
    /// The chosen row of a list.
    pub selected: Style,
    /// A customer waits for an answer.
    pub urgency_waiting: Style,
    /// A customer waits longer than the first threshold.
    pub urgency_warning: Style,
    /// A customer waits longer than the second.
    pub urgency_overdue: Style,
    /// Unread messages.
    pub unread: Style,
    /// New unread messages, which blink.
    pub news: Style,
}

const PLAIN: Style = Style::new();
const BOLD: Style = PLAIN.add_modifier(Modifier::BOLD);
const DIM: Style = PLAIN.add_modifier(Modifier::DIM);
const ITALIC: Style = PLAIN.add_modifier(Modifier::ITALIC);
const UNDERLINED: Style = PLAIN.add_modifier(Modifier::UNDERLINED);
const REVERSED: Style = PLAIN.add_modifier(Modifier::REVERSED);
const ALARM: Modifier = Modifier::BOLD.union(Modifier::SLOW_BLINK);

impl Theme {
    /// For a terminal with a dark background.
    pub const fn dark() -> Self {
        Self {
            text: PLAIN,
            faint: DIM,
            rule: DIM,
            bar: REVERSED,
            title: BOLD,
            key: PLAIN.fg(Color::Cyan),
            good: PLAIN.fg(Color::Green),
            warning: PLAIN.fg(Color::Yellow),
            error: BOLD.fg(Color::LightRed),
            customer: PLAIN,
            own: PLAIN.fg(Color::Cyan),
            colleague: PLAIN.fg(Color::LightBlue),
            internal: ITALIC.fg(Color::LightMagenta),
            colleagues: REVERSED.fg(Color::LightMagenta),
            unsent: DIM.add_modifier(Modifier::ITALIC),
            date: DIM,
            notice: DIM,
            marker: DIM,
            code: PLAIN.fg(Color::Yellow),
            link: UNDERLINED,
            found: UNDERLINED.fg(Color::Yellow),
            found_here: REVERSED.fg(Color::Yellow),
            selected: REVERSED,
            urgency_waiting: PLAIN.fg(Color::Green),
            urgency_warning: PLAIN.fg(Color::Yellow),
            urgency_overdue: PLAIN.fg(Color::LightRed).add_modifier(ALARM),
            unread: BOLD,
            news: PLAIN.add_modifier(ALARM),
        }
    }

    /// For a terminal with a light background. Yellow cannot be read there, so it is the background of the words.
    pub const fn light() -> Self {
        Self {
            key: PLAIN.fg(Color::Blue),
            good: BOLD.fg(Color::Green),
            warning: BOLD.bg(Color::Yellow),
            error: BOLD.fg(Color::Red),
            own: PLAIN.fg(Color::Blue),
            colleague: PLAIN.fg(Color::Magenta),
            internal: ITALIC.bg(Color::Gray),
            colleagues: REVERSED.fg(Color::Magenta),
            code: PLAIN.fg(Color::Magenta),
            found: UNDERLINED.bg(Color::Yellow),
            found_here: BOLD.bg(Color::Yellow),
            urgency_waiting: BOLD.fg(Color::Green),
            urgency_warning: BOLD.bg(Color::Yellow),
            urgency_overdue: PLAIN.fg(Color::Red).add_modifier(ALARM),
            ..Self::dark()
        }
    }

    /// Nothing is dim; important text is bold or on a coloured block.
    pub const fn high_contrast() -> Self {
        let block = REVERSED.add_modifier(Modifier::BOLD);
        Self {
            faint: PLAIN,
            rule: PLAIN,
            key: BOLD,
            good: BOLD,
            warning: block,
            error: block.fg(Color::Red),
            own: BOLD,
            colleague: BOLD.add_modifier(Modifier::ITALIC),
            internal: ITALIC.add_modifier(Modifier::REVERSED),
            colleagues: block,
            unsent: ITALIC,
            date: PLAIN,
            notice: PLAIN,
            marker: PLAIN,
            code: PLAIN,
            found: BOLD.add_modifier(Modifier::UNDERLINED),
            found_here: block,
            selected: block,
            urgency_waiting: PLAIN,
            urgency_warning: block,
            urgency_overdue: REVERSED.fg(Color::Red).add_modifier(ALARM),
            ..Self::dark()
        }
    }

    /// No colour at all.
    pub const fn mono() -> Self {
        let block = REVERSED.add_modifier(Modifier::BOLD);
        Self {
            key: BOLD,
            good: PLAIN,
            warning: BOLD,
            error: block,
            own: PLAIN,
            colleague: PLAIN,
            internal: ITALIC.add_modifier(Modifier::UNDERLINED),
            colleagues: REVERSED,
            code: PLAIN,
            found: UNDERLINED,
            found_here: REVERSED,
            urgency_waiting: PLAIN,
            urgency_warning: BOLD,
            urgency_overdue: REVERSED.add_modifier(Modifier::BOLD),
            news: BOLD,
            ..Self::dark()
        }
    }

    pub(in crate::ui) const fn level(&self, level: Level) -> Style {
        match level {
            Level::Good => self.good,
            Level::Info => self.text,
            Level::Warning => self.warning,
            Level::Error => self.error,
        }
    }

    pub(in crate::ui) const fn tone(&self, tone: Tone) -> Style {
        match tone {
            Tone::Customer => self.customer,
            Tone::Own => self.own,
            Tone::Colleague => self.colleague,
            Tone::Internal => self.internal,
            Tone::Unsent => self.unsent,
            Tone::Faint => self.faint,
            Tone::Date => self.date,
            Tone::Older => self.link,
            Tone::Notice => self.notice,
            Tone::Error => self.error,
        }
    }

    /// The mark of an urgency, at most two cells wide, and its style. The marks differ without colour.
    pub(in crate::ui) const fn urgency(&self, urgency: Urgency) -> (&'static str, Style) {
        match urgency {
            Urgency::None => ("○", self.faint),
            Urgency::Waiting => ("●", self.urgency_waiting),
            Urgency::Warning => ("◐", self.urgency_warning),
            Urgency::Overdue => ("◉!", self.urgency_overdue),
        }
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::dark()
    }
}
