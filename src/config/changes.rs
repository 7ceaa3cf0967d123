//! Finds the edits of the file that need a restart.

use toml::{Table, Value};

/// Keys of `[console]` that the console reads only when it starts.
const CONSOLE: [&str; 13] = [
    "url",
    "user",
    "password-command",
    "client-id",
    "client-secret-file",
    "api-key-file",
    "nickname",
    "transport",
    "ca-file",
    "colors",
    "log-file",
    "log-level",
    "log-messages",
];

/// The changed keys that a gateway reads only when it starts, as they are written in the file. `started` is the file with
/// which it was started.
pub fn gateway(started: &Table, edited: &Table) -> Vec<String> {
    let read = |table: &Table| {
        let mut kept = Table::new();
        if let Some(Value::Table(gateway)) = table.get("gateway") {
            kept.insert("gateway".to_owned(), Value::Table(fixed(gateway)));
        }
        keep(table, &["log-level", "log-messages"], &mut kept);
        kept
    };
    differing(&read(started), &read(edited))
}

/// The changed keys that a console reads only when it starts.
pub fn console(started: &Table, edited: &Table) -> Vec<String> {
    let read = |table: &Table| {
        let mut kept = Table::new();
        keep(table, &CONSOLE, &mut kept);
        kept
    };
    differing(&read(started), &read(edited))
}

fn keep(table: &Table, names: &[&str], kept: &mut Table) {
    if let Some(Value::Table(console)) = table.get("console") {
        let some = console.iter().filter(|(name, _)| names.contains(&name.as_str()));
        let some: Table = some.map(|(name, value)| (name.clone(), value.clone())).collect();
        kept.insert("console".to_owned(), Value::Table(some));
    }
}

/// `[gateway]` without the keys whose edits take effect at once.
fn fixed(gateway: &Table) -> Table {
    let mut fixed = gateway.clone();
    fixed.remove("action-code");
    fixed.remove("business-attribute");
    for (list, live) in
        [("agent", &["interaction-workspace", "password-hash"][..]), ("group", &["interaction-workspace"])]
    {
        for item in fixed.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Value::Table(item) = item {
                item.retain(|name, _| !live.contains(&name));
            }
        }
    }
    fixed
}

fn differing(before: &Table, after: &Table) -> Vec<String> {
    let mut found = Vec::new();
    compare("", before, after, &mut found);
    found
}

fn compare(path: &str, before: &Table, after: &Table, found: &mut Vec<String>) {
    let none = Table::new();
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match (before.get(name), after.get(name)) {
            (one, other) if one == other => {}
            (Some(Value::Table(one)), Some(Value::Table(other))) => compare(&path, one, other, found),
            (None, Some(Value::Table(new))) => compare(&path, &none, new, found),
            (Some(Value::Table(old)), None) => compare(&path, old, &none, found),
            _ => found.push(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        text.parse().unwrap()
    }

    #[test]
    fn options_applied_at_once_need_no_restart() {
        let before = table(
            "[interaction-workspace]\na = 1\n[console]\ntheme = 'dark'\n[gateway]\ngrace = 1\n\
             [[gateway.agent]]\nuser-name = 'ana'\npassword-hash = 'x'\ninteraction-workspace.a = 1\n\
             [[gateway.group]]\nname = 'g'\ninteraction-workspace.a = 1\n\
             [[gateway.business-attribute]]\nname = 'd'\n",
        );
        let after = table(
            "[interaction-workspace]\na = 2\n[console]\ntheme = 'light'\n[gateway]\ngrace = 1\n\
             [[gateway.agent]]\nuser-name = 'ana'\npassword-hash = 'y'\n\
             [[gateway.group]]\nname = 'g'\ninteraction-workspace.a = 2\n\
             [[gateway.action-code]]\nname = 'Lunch'\ncode = 'L'\n",
        );
        assert_eq!(gateway(&before, &after), Vec::<String>::new());
    }

    #[test]
    fn keys_that_need_a_restart_are_named_as_written() {
        let before =
            table("[console]\nlog-level = 'info'\n[gateway]\ngrace = 1\n[gateway.whatsapp]\nqueue = 'a'\n");
        let after = table(
            "[console]\nlog-level = 'debug'\nurl = 'http://x'\n[gateway]\ngrace = 2\n[gateway.whatsapp]\nqueue = 'b'\n\
             [[gateway.queue]]\nname = 'b'\n",
        );
        let names = ["gateway.grace", "gateway.whatsapp.queue", "gateway.queue", "console.log-level"];
        let mut found = gateway(&before, &after);
        found.sort_unstable();
        let mut names = names.map(str::to_owned);
        names.sort_unstable();
        assert_eq!(found, names);
        let mut found = console(&before, &after);
        found.sort_unstable();
        assert_eq!(found, ["console.log-level", "console.url"]);
    }
}
