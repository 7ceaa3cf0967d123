//! Every action of the console, defined once: keys, palette, slash commands, help and documentation use this
//! table.

use crate::text::fold::folded;

/// Where a key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Everywhere, except in a layer that uses the key itself.
    Desk,
    /// While writing.
    Composer,
    /// In a list that the agent chooses from.
    List,
}

/// The heading of the help under which an action is listed. The order is the order of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    Sessions,
    /// What a supervisor does in agents' sessions.
    Supervising,
    /// The agent's state.
    Status,
    /// Reading and searching transcripts.
    Transcript,
    /// Composing messages.
    Writing,
    Lists,
    Desk,
}

impl Topic {
    /// The heading as it is shown.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sessions => "Invitations and sessions",
            Self::Supervising => "For supervisors",
            Self::Status => "Your status",
            Self::Transcript => "Reading",
            Self::Writing => "Writing",
            Self::Lists => "In a list",
            Self::Desk => "The desk",
        }
    }
}

/// One row of the table of actions.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    pub action: Action,
    /// Its name in `[keys]`.
    pub name: &'static str,
    /// What it does, for people.
    pub help: &'static str,
    /// Where its keys work.
    pub context: Context,
    pub topic: Topic,
    /// Default keys.
    pub keys: &'static [&'static str],
    /// Its slash command, if it has one, and the arguments of the command.
    pub slash: Option<(&'static str, &'static str)>,
    /// Synonyms by which people look for the action, in the palette and as slash commands.
    pub also: &'static [&'static str],
}

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $name:literal, $help:literal, $context:ident, $topic:ident, [$($key:literal),*] $(, $slash:literal $args:literal)? $(, also [$($also:literal),*])?;)*) => {
        /// An action of the console.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $(#[doc = $help] $action,)*
        }

        /// The table, in the order of the help.
        pub const ACTIONS: &[Info] = &[
            $(Info {
                action: Action::$action,
                name: $name,
                help: $help,
                context: Context::$context,
                topic: Topic::$topic,
                keys: &[$($key),*],
                slash: actions!(@slash $($slash $args)?),
                also: &[$($($also),*)?],
            },)*
        ];
    };
    (@slash) => { None };
    (@slash $slash:literal $args:literal) => { Some(($slash, $args)) };
}

actions! {
    Accept = "accept", "accept the chosen invitation", Desk, Sessions, ["F2"], "accept" "[NUMBER]", also ["take", "answer", "pick up"];
    Reject = "reject", "reject the chosen invitation", Desk, Sessions, ["F3"], "reject" "[NUMBER]", also ["decline", "refuse"];
    NextInvitation = "next-invitation", "choose the next invitation", Desk, Sessions, ["Shift+F2", "Alt+I"], "nextinvitation" "";
    NextSession = "next-session", "show the next session", Desk, Sessions, ["Alt+Right", "Ctrl+N"], "next" "", also ["next session", "switch"];
    PreviousSession = "previous-session", "show the previous session", Desk, Sessions, ["Alt+Left", "Ctrl+P"], "previous" "", also ["previous session"];
    WaitingSession = "waiting-session", "show the session whose customer waits longest", Desk, Sessions, ["Alt+W"], "waiting" "", also ["urgent", "longest wait", "who waits"];
    FindSession = "find-session", "go to a session by name or number", Desk, Sessions, ["Ctrl+G"], "go" "[NAME]", also ["go to", "jump", "switch to"];
    Session1 = "session-1", "show session 1", Desk, Sessions, ["Alt+1"];
    Session2 = "session-2", "show session 2", Desk, Sessions, ["Alt+2"];
    Session3 = "session-3", "show session 3", Desk, Sessions, ["Alt+3"];
    Session4 = "session-4", "show session 4", Desk, Sessions, ["Alt+4"];
    Session5 = "session-5", "show session 5", Desk, Sessions, ["Alt+5"];
    Session6 = "session-6", "show session 6", Desk, Sessions, ["Alt+6"];
    Session7 = "session-7", "show session 7", Desk, Sessions, ["Alt+7"];
    Session8 = "session-8", "show session 8", Desk, Sessions, ["Alt+8"];
    Session9 = "session-9", "show session 9", Desk, Sessions, ["Alt+9"];
    Done = "done", "finish the session: save it to history and close it", Desk, Sessions, ["Ctrl+D"], "done" "[DISPOSITION]", also ["finish", "close", "end", "complete", "mark done", "resolve", "hang up"];
    UndoDone = "undo-done", "undo Done: reopen the session you just finished", Desk, Sessions, ["Alt+Shift+D"], "undo" "", also ["reopen", "undo done", "take back done", "open again"];
    Transfer = "transfer", "transfer the session", Desk, Sessions, ["Ctrl+T"], "transfer" "[agent|group|skill|queue] [NAME]", also ["forward", "hand over", "pass on", "escalate"];
    Conference = "conference", "ask somebody to join the session", Desk, Sessions, ["Ctrl+O"], "conference" "[agent|group|skill|queue] [NAME]", also ["invite", "add agent", "add colleague", "join in"];
    Consult = "consult", "consult a colleague; the customer does not see it", Desk, Sessions, ["Alt+O"], "consult" "[agent|group|skill|queue] [NAME]", also ["ask", "ask a colleague", "consultation", "advice", "second opinion"];
    CancelConsult = "cancel", "cancel a request to a colleague who has not answered yet", Desk, Sessions, [], "cancel" "", also ["cancel request", "cancel transfer", "cancel conference", "cancel consultation"];
    Remove = "remove", "take a colleague out of the session", Desk, Sessions, [], "remove" "[NAME]", also ["kick", "remove party", "drop"];
    Reach = "reach", "contact the customer another way, or start a session", Desk, Sessions, ["Alt+Y"], "reach" "[WORD]", also ["call", "phone", "mail", "email", "sms", "outbound", "new session", "write to customer"];
    Template = "template", "send a message template", Desk, Sessions, [], "template" "[WORD]", also ["hsm", "message template", "templates"];
    Leave = "leave", "leave the session to your colleagues in it", Desk, Sessions, [], "leave" "", also ["leave session", "leave conference"];
    WriteTo = "write-to", "write to colleagues only, or to the customer again", Desk, Sessions, ["Alt+G"], "to" "customer|colleagues", also ["internal", "whisper to colleagues", "colleagues only"];
    Disposition = "disposition", "pick a disposition", Desk, Sessions, ["F6"], "disposition" "[CODE]", also ["outcome", "wrap up code", "tag", "result", "category"];
    EditCase = "edit-case", "edit the case data", Desk, Sessions, ["Alt+E"], "edit" "[FIELD VALUE]", also ["attached data", "change case data"];
    Contact = "contact", "see and edit the contact of the session", Desk, Sessions, ["F8"], "contact" "", also ["customer", "profile", "person", "phone number"];
    Contacts = "contacts", "search the contact directory", Desk, Sessions, ["Shift+F8"], "contacts" "[WORDS]", also ["directory", "address book", "find contact", "customers"];
    History = "history", "see the past sessions of the contact", Desk, Sessions, ["Alt+H"], "history" "[WORDS]", also ["past", "previous sessions", "earlier"];
    AssignContact = "assign-contact", "assign a contact to the session", Desk, Sessions, [], "assign" "", also ["assign", "link contact", "who is this"];
    Unmerge = "unmerge", "undo the last merge into the session's contact", Desk, Sessions, [], "unmerge" "", also ["undo merge", "split contact"];
    Note = "note", "write the note of the session", Desk, Sessions, ["F7"], "note" "TEXT", also ["notes", "comment", "remark", "memo"];

    Park = "park", "park the session in your workbin", Desk, Sessions, ["Alt+S"], "park" "", also ["hold", "snooze", "put aside", "save for later"];
    Workbin = "workbin", "list parked sessions; Enter takes one back", Desk, Sessions, ["Alt+V"], "workbin" "", also ["parked", "workbins", "inbox", "pull"];

    Monitor = "monitor", "monitor the sessions of an agent, silently", Desk, Supervising, ["Shift+F4"], "monitor" "[NAME]", also ["listen", "spy", "observe", "supervise"];
    StopMonitoring = "stop-monitoring", "stop monitoring an agent", Desk, Supervising, [], "stopmonitoring" "[NAME]", also ["stop monitoring", "stop listening", "end monitoring"];
    Watch = "watch", "only watch the session again", Desk, Supervising, ["Shift+F5"], "watch" "", also ["only watch", "stop coaching"];
    Coach = "coach", "coach: write to the agent, unseen by the customer", Desk, Supervising, ["Shift+F6"], "coach" "", also ["whisper", "coaching", "help the agent"];
    BargeIn = "barge-in", "join the session: the customer reads what you write", Desk, Supervising, ["Shift+F7"], "bargein" "", also ["barge in", "take part", "intervene"];

    Status = "status", "change your status", Desk, Status, ["F4"], "status" "", also ["state", "my status", "presence"];
    Ready = "ready", "take new sessions", Desk, Status, ["Alt+A"], "ready" "", also ["available", "online", "back"];
    NotReady = "not-ready", "take no new sessions, for a reason", Desk, Status, ["Alt+N"], "notready" "[REASON]", also ["not ready", "break", "lunch", "pause", "away", "coffee", "meeting", "training", "unavailable", "busy", "rest"];
    AfterCallWork = "after-call-work", "finish up and take no new sessions", Desk, Status, ["Alt+J"], "aftercallwork" "", also ["acw", "wrap up", "after call work"];
    DoNotDisturb = "do-not-disturb", "get no invitations at all; once more to end it", Desk, Status, ["Alt+X"], "dnd" "", also ["quiet", "do not disturb"];
    LogOff = "log-off", "sign out of the channels, but keep the desk open", Desk, Status, [], "logoff" "", also ["log off", "sign off"];
    Channels = "channels", "who is signed in, and each channel with its state", Desk, Status, [], "channels" "", also ["who am i"];
    Lock = "lock", "hide everything until you give your password", Desk, Status, ["Alt+Z"], "lock" "", also ["lock screen", "hide"];
    SignOut = "sign-out", "sign out and quit", Desk, Status, ["Alt+Q"], "signout" "", also ["log out", "sign out", "end shift", "go home"];

    PageUp = "page-up", "scroll up a page", Desk, Transcript, ["PageUp"], "pageup" "", also ["scroll up"];
    PageDown = "page-down", "scroll down a page", Desk, Transcript, ["PageDown"], "pagedown" "", also ["scroll down"];
    LineUp = "line-up", "scroll up a line", Desk, Transcript, ["Shift+Up"], "lineup" "";
    LineDown = "line-down", "scroll down a line", Desk, Transcript, ["Shift+Down"], "linedown" "";
    Top = "top", "go to the first message", Desk, Transcript, ["Ctrl+Home"], "top" "";
    Bottom = "bottom", "go to the newest message", Desk, Transcript, ["Ctrl+End"], "bottom" "";
    Older = "older", "see older messages: earlier sessions of the customer", Desk, Transcript, ["Alt+P"], "older" "", also ["older messages", "load more"];
    Search = "search", "search in the transcript", Desk, Transcript, ["Ctrl+F"], "search" "[WORDS]", also ["find", "look for", "ctrl f"];
    Links = "links", "list the links of the session", Desk, Transcript, ["Alt+L"], "links" "", also ["urls", "link", "open link"];
    CopyMessage = "copy-message", "copy the last message of the customer", Desk, Transcript, ["Alt+C"], "copy" "", also ["copy text", "clipboard"];
    SidePane = "side-pane", "show or hide case data", Desk, Transcript, ["F5"], "case" "", also ["case data", "sidebar", "panel", "details"];
    RoutingData = "routing-data", "show or hide the data attached by routing", Desk, Transcript, ["Alt+."], "routing" "", also ["routing pairs", "routing data"];

    Send = "send", "send the message", Composer, Writing, ["Enter"];
    Newline = "newline", "begin a new line", Composer, Writing, ["Alt+Enter", "Ctrl+J", "Shift+Enter"];
    Editor = "editor", "write in your editor ($VISUAL or $EDITOR)", Desk, Writing, ["Ctrl+X"], "editor" "", also ["vim", "external editor", "long text"];
    Responses = "responses", "find a standard response and insert it into the draft", Desk, Writing, ["Ctrl+R"], "responses" "[WORDS]", also ["reply", "canned", "canned reply", "quick reply", "snippet", "macro", "standard response", "attach", "attachment", "file", "picture"];
    Response = "response", "the same as responses", Desk, Writing, [], "response" "[WORDS]";
    Detach = "detach", "remove an attachment from the draft", Desk, Writing, [], "detach" "[NAME]", also ["remove attachment"];
    Retry = "retry", "send again the messages that failed", Desk, Writing, ["Alt+R"], "retry" "", also ["resend", "send again", "try again"];
    TakeBack = "take-back", "take unsent or failed messages back into the input", Desk, Writing, ["Alt+T"], "takeback" "", also ["take back", "unsend", "undo send", "recall"];
    Emoji = "emoji", "insert an emoji into the draft", Desk, Writing, [], "emoji" "[NAME]", also ["emoticon", "smiley", "smile"];
    CompleteEmoji = "complete-emoji", "complete an emoji name such as :smile", Composer, Writing, ["Tab"];
    Left = "left", "one character left", Composer, Writing, ["Left"];
    Right = "right", "one character right", Composer, Writing, ["Right"];
    WordLeft = "word-left", "one word left", Composer, Writing, ["Ctrl+Left", "Alt+B"];
    WordRight = "word-right", "one word right", Composer, Writing, ["Ctrl+Right", "Alt+F"];
    LineStart = "line-start", "to the start of the line", Composer, Writing, ["Home"];
    LineEnd = "line-end", "to the end of the line", Composer, Writing, ["End", "Ctrl+E"];
    Up = "up", "one row up, then back in what you sent", Composer, Writing, ["Up"];
    Down = "down", "one row down, then forward in what you sent", Composer, Writing, ["Down"];
    Backspace = "backspace", "delete the character before the cursor", Composer, Writing, ["Backspace", "Ctrl+H"];
    Delete = "delete", "delete the character at the cursor", Composer, Writing, ["Delete"];
    KillWordBack = "kill-word-back", "cut the word before the cursor", Composer, Writing, ["Ctrl+W", "Alt+Backspace"];
    KillWord = "kill-word", "cut the word after the cursor", Composer, Writing, ["Alt+D", "Ctrl+Delete"];
    KillLine = "kill-line", "cut everything before the cursor on the line", Composer, Writing, ["Ctrl+U"];
    KillToEnd = "kill-to-end", "cut to the end of the line", Composer, Writing, ["Alt+K"];
    Yank = "yank", "insert the text that was cut", Composer, Writing, ["Ctrl+Y"];
    Undo = "undo", "undo", Composer, Writing, ["Alt+U", "Ctrl+_"];
    Redo = "redo", "redo", Composer, Writing, ["Alt+/", "Alt+Shift+U"];

    NextFilter = "next-filter", "show the next part of the list, or the next row where it has none", List, Lists, ["Tab"];
    PreviousFilter = "previous-filter", "show the part of the list before, or the row before", List, Lists, ["BackTab"];
    Favourite = "favourite", "mark or unmark a favourite", List, Lists, ["Insert"];

    Help = "help", "show the keys", Desk, Desk, ["F1"], "help" "", also ["keys", "shortcuts", "manual", "keyboard", "hotkeys"];
    Palette = "palette", "find a command", Desk, Desk, ["Ctrl+K"], "commands" "", also ["menu"];
    Notices = "notices", "show the notices of this shift", Desk, Desk, ["F9"], "notices" "", also ["messages", "alerts", "notifications"];
    Redraw = "redraw", "draw the screen again", Desk, Desk, ["Ctrl+L"], "redraw" "", also ["refresh", "repaint", "garbled"];
    Mouse = "mouse", "give the mouse to the desk, or back to the terminal", Desk, Desk, ["Alt+M"], "mouse" "", also ["select text"];
    Suspend = "suspend", "suspend to the shell (fg comes back)", Desk, Desk, ["Ctrl+Z"], "suspend" "", also ["background", "shell"];
    Quit = "quit", "quit", Desk, Desk, ["F10", "Ctrl+C"], "quit" "", also ["exit", "close program", "bye"];
}

const NONE: Info = Info {
    action: Action::Help,
    name: "",
    help: "",
    context: Context::Desk,
    topic: Topic::Desk,
    keys: &[],
    slash: None,
    also: &[],
};

impl Action {
    /// The row of the table for this action.
    pub fn info(self) -> &'static Info {
        // The table is made from the enum, in its order.
        ACTIONS.get(self as usize).unwrap_or(&NONE)
    }

    /// The action with this name in `[keys]`.
    pub fn named(name: &str) -> Option<Self> {
        ACTIONS.iter().find(|info| info.name == name).map(|info| info.action)
    }

    /// The action of a slash command or of a synonym for it. Case and hyphens do not matter; `log out` means
    /// `logout` where the table has it.
    pub fn of_slash(command: &str) -> Option<Self> {
        let (wanted, is_phrase) = (folded(command), command.contains(char::is_whitespace));
        let same = |word: &str| if is_phrase { word == wanted } else { squeezed(word) == squeezed(&wanted) };
        let own = |info: &&Info| info.slash.is_some_and(|(slash, _)| same(slash));
        let also = |info: &&Info| info.slash.is_some() && info.also.iter().any(|word| same(word));
        ACTIONS.iter().find(own).or_else(|| ACTIONS.iter().find(also)).map(|info| info.action)
    }

    /// The index in the list of sessions that [`Action::Session1`] and its like show.
    pub fn session_place(self) -> Option<usize> {
        self.info().name.strip_prefix("session-")?.parse::<usize>().ok()?.checked_sub(1)
    }

    /// Whether the palette lists it. Actions that edit the draft make no sense there.
    pub fn in_palette(self) -> bool {
        self.info().context == Context::Desk && self != Self::Palette && self.session_place().is_none()
    }
}

/// A word in the form in which slash commands are compared.
pub(in crate::app) fn squeezed(word: &str) -> String {
    folded(word).chars().filter(|c| !matches!(c, ' ' | '-')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::core::key::Key;
    use std::collections::BTreeSet;

    #[test]
    fn names_commands_and_keys_are_each_used_once() {
        let names: BTreeSet<_> = ACTIONS.iter().map(|i| i.name).collect();
        assert_eq!(names.len(), ACTIONS.len());
        let slashes: Vec<_> = ACTIONS.iter().filter_map(|i| i.slash).map(|(s, _)| s).collect();
        assert_eq!(slashes.iter().collect::<BTreeSet<_>>().len(), slashes.len());
        let also: Vec<String> = ACTIONS.iter().flat_map(|i| i.also).map(|word| squeezed(word)).collect();
        assert_eq!(also.iter().collect::<BTreeSet<_>>().len(), also.len(), "a word means two things");
        let mut seen = BTreeSet::new();
        for info in ACTIONS {
            assert_eq!(info.action.info().name, info.name);
            for key in info.keys {
                let place = (info.context == Context::List, Key::parse(key).unwrap());
                assert!(seen.insert(place), "{key} is bound twice");
            }
        }
    }

    #[test]
    fn no_key_is_taken_from_tmux_screen_or_the_line() {
        let forbidden = ["Ctrl+A", "Ctrl+B", "Ctrl+S", "Ctrl+Q", "Ctrl+\\"];
        for info in ACTIONS {
            for key in info.keys {
                assert!(!forbidden.contains(key), "{} takes {key}", info.name);
            }
        }
    }

    #[test]
    fn numbers_show_places() {
        assert_eq!(Action::Session3.session_place(), Some(2));
        assert_eq!(Action::Done.session_place(), None);
        assert_eq!(Action::named("done"), Some(Action::Done));
        assert_eq!(Action::of_slash("notready"), Some(Action::NotReady));
    }
}
