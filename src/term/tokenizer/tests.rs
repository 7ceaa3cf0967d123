//! Every sequence, split at every byte with every delay, and input that is no key.

use proptest::prelude::*;

use super::*;
use crossterm::event::{KeyEventKind, MouseButton, MouseEvent, MouseEventKind};

const DELAYS: [Delays; 2] = [Delays::LOCAL, Delays::REMOTE];

fn key(code: KeyCode, modifiers: KeyModifiers) -> InputToken {
    InputToken::Key(KeyEvent::new(code, modifiers))
}

fn chars(text: &str) -> Vec<InputToken> {
    text.chars().filter_map(keys::character).map(InputToken::Key).collect()
}

fn paste(text: &str) -> InputToken {
    InputToken::Paste { text: text.to_owned(), cut_off: false }
}

fn cut_off(text: &str) -> InputToken {
    InputToken::Paste { text: text.to_owned(), cut_off: true }
}

/// Feeds pieces, each with its delay after the one before, with every deadline between them, and lets all of
/// it settle.
fn run<'a>(delays: Delays, pieces: impl IntoIterator<Item = (Duration, &'a [u8])>) -> Vec<InputToken> {
    let mut now = Instant::now();
    let mut tokenizer = Tokenizer::new(delays);
    let mut out = Vec::new();
    for (after, bytes) in pieces {
        now += after;
        while let Some(deadline) = tokenizer.deadline().filter(|deadline| *deadline <= now) {
            tokenizer.flush_expired(deadline, &mut out);
        }
        tokenizer.feed(now, bytes, &mut out);
    }
    while let Some(deadline) = tokenizer.deadline() {
        tokenizer.flush_expired(deadline, &mut out);
    }
    out
}

fn whole(bytes: &[u8]) -> Vec<InputToken> {
    run(Delays::LOCAL, [(Duration::ZERO, bytes)])
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Whether a token would type characters into a message, or send it.
fn writes(token: &InputToken) -> bool {
    match token {
        InputToken::Key(key) => {
            matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab)
                && !key.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::CONTROL)
        }
        InputToken::Paste { .. } => true,
        InputToken::Focus(_) | InputToken::Mouse(_) | InputToken::Resize(..) => false,
    }
}

/// Known sequences with their meanings.
fn known() -> Vec<(&'static str, Vec<InputToken>)> {
    let (none, shift, alt, ctrl) =
        (KeyModifiers::NONE, KeyModifiers::SHIFT, KeyModifiers::ALT, KeyModifiers::CONTROL);
    let one = |bytes, code, modifiers| (bytes, vec![key(code, modifiers)]);
    let repeated = InputToken::Key(KeyEvent::new_with_kind(KeyCode::Up, none, KeyEventKind::Repeat));
    let mouse = |kind, modifiers| InputToken::Mouse(MouseEvent { kind, column: 4, row: 9, modifiers });
    let left = MouseEventKind::Down(MouseButton::Left);
    vec![
        one("\r", KeyCode::Enter, none),
        one("\n", KeyCode::Char('j'), ctrl),
        one("\x1b\r", KeyCode::Enter, alt),
        one("\x1bOM", KeyCode::Enter, none),
        one("\x1b[13u", KeyCode::Enter, none),
        one("\x1b[13;2u", KeyCode::Enter, shift),
        one("\x1b[13;3u", KeyCode::Enter, alt),
        one("\x1b[13;5:1u", KeyCode::Enter, ctrl),
        one("\x1b[57414u", KeyCode::Enter, none),
        one("\x1b[27;1;13~", KeyCode::Enter, none),
        one("\x1b[27;2;13~", KeyCode::Enter, shift),
        one("\x1b[27;3;13~", KeyCode::Enter, alt),
        one("\x1b[27;5;13~", KeyCode::Enter, ctrl),
        one("\x1b[27;5;9~", KeyCode::Tab, ctrl),
        one("\x1b[27;6;65~", KeyCode::Char('A'), ctrl | shift),
        one("\x1b[27;5;107~", KeyCode::Char('k'), ctrl),
        one("\x1b[A", KeyCode::Up, none),
        one("\x1b[D", KeyCode::Left, none),
        one("\x1bOD", KeyCode::Left, none),
        one("\x1b[1;3C", KeyCode::Right, alt),
        one("\x1b[1;3:1C", KeyCode::Right, alt),
        one("\x1b[3C", KeyCode::Right, alt),
        one("\x1b[a", KeyCode::Up, shift),
        one("\x1bOa", KeyCode::Up, ctrl),
        one("\x1b[H", KeyCode::Home, none),
        one("\x1b[1;5F", KeyCode::End, ctrl),
        one("\x1b[1~", KeyCode::Home, none),
        one("\x1b[3;5~", KeyCode::Delete, ctrl),
        one("\x1b[3$", KeyCode::Delete, shift),
        one("\x1b[3^", KeyCode::Delete, ctrl),
        one("\x1b[5~", KeyCode::PageUp, none),
        one("\x1b[Z", KeyCode::BackTab, shift),
        one("\x1b[9;2u", KeyCode::BackTab, shift),
        one("\x1bOP", KeyCode::F(1), none),
        one("\x1bOS", KeyCode::F(4), none),
        one("\x1b[P", KeyCode::F(1), none),
        one("\x1b[1;2R", KeyCode::F(3), shift),
        one("\x1b[13~", KeyCode::F(3), none),
        one("\x1b[12;2~", KeyCode::F(2), shift),
        one("\x1b[21~", KeyCode::F(10), none),
        one("\x1b[23$", KeyCode::F(11), shift),
        one("\x1b[[E", KeyCode::F(5), none),
        one("\x1b[57376u", KeyCode::F(13), none),
        one("\x1b[57399u", KeyCode::Char('0'), none),
        one("\x1bOq", KeyCode::Char('1'), none),
        one("\x1b[27u", KeyCode::Esc, none),
        one("\x1b[127;5u", KeyCode::Backspace, ctrl),
        one("\x1b[107;5u", KeyCode::Char('k'), ctrl),
        one("\x1b[1089::99;5u", KeyCode::Char('c'), ctrl),
        one("\x1b[97:65;2u", KeyCode::Char('A'), shift),
        ("\x1b[97;2;65u", vec![key(KeyCode::Char('A'), none)]),
        ("\x1b[0;;229u", vec![key(KeyCode::Char('å'), none)]),
        ("\x1b[97;1:3u", vec![]),
        ("\x1b[1;1:3A", vec![]),
        ("\x1b[13;1:3u", vec![]),
        ("\x1b[57441;2u", vec![]),
        ("\x1b[99;9u", vec![]),
        ("\x1b[1;1:2A", vec![repeated]),
        one("\x1ba", KeyCode::Char('a'), alt),
        one("\x1bé", KeyCode::Char('é'), alt),
        one("\x1b\x7f", KeyCode::Backspace, alt),
        one("\x7f", KeyCode::Backspace, none),
        one("\x03", KeyCode::Char('c'), ctrl),
        ("ñ€😀", chars("ñ€😀")),
        ("\u{9b}A", chars("A")),
        ("\x1b[I", vec![InputToken::Focus(true)]),
        ("\x1b[O", vec![InputToken::Focus(false)]),
        ("\x1b[<0;5;10M", vec![mouse(left, none)]),
        ("\x1b[<64;5;10M", vec![mouse(MouseEventKind::ScrollUp, none)]),
        ("\x1b[<16;5;10M", vec![mouse(left, ctrl)]),
        ("\x1b[<0;5;10m", vec![mouse(MouseEventKind::Up(MouseButton::Left), none)]),
        ("\x1b[32;5;10M", vec![mouse(left, none)]),
        ("\x1b[M %*", vec![mouse(left, none)]),
        ("\x1b[48;32;120;640;1200t", vec![InputToken::Resize(120, 32)]),
        ("\x1b[200~a\rb\r\nc\x1b[201~", vec![paste("a\nb\nc")]),
        ("\x1b[200~one\x1b[31m two\x1b[201~", vec![paste("one\x1b[31m two")]),
        ("\x1b[200~a\x1b[200~b\x1b[201~c", [vec![paste("ab")], chars("c")].concat()),
        ("\x1b[200~\x1b\x1b[201~", vec![paste("\x1b")]),
        ("x\x1b[201~y", chars("xy")),
    ]
}

#[test]
fn every_known_sequence_is_read() {
    for (bytes, tokens) in known() {
        assert_eq!(whole(bytes.as_bytes()), tokens, "{bytes:?}");
    }
}

#[test]
fn a_sequence_split_anywhere_within_its_delay_is_whole() {
    for ((bytes, tokens), delays) in
        known().into_iter().flat_map(|one| DELAYS.map(|delays| (one.clone(), delays)))
    {
        for at in 1..bytes.len() {
            let (head, tail) = bytes.as_bytes().split_at(at);
            let longest = if head.ends_with(b"\x1b") { delays.escape } else { delays.sequence };
            let short = (0..=20).map(ms).chain([longest / 2, longest - ms(1)]);
            for pause in short.filter(|pause| *pause < longest) {
                let read = run(delays, [(Duration::ZERO, head), (pause, tail)]);
                assert_eq!(read, tokens, "{bytes:?} at {at} after {pause:?}");
            }
        }
    }
}

#[test]
fn a_second_escape_is_alt_only_when_both_come_together() {
    for sequence in [&b"\x1b[C"[..], b"\x1bOC"] {
        let both = [b"\x1b", sequence].concat();
        assert_eq!(whole(&both), [key(KeyCode::Right, KeyModifiers::ALT)]);
        let apart = run(Delays::LOCAL, [(ms(0), &b"\x1b"[..]), (ms(5), sequence)]);
        assert_eq!(apart, [key(KeyCode::Esc, KeyModifiers::NONE), key(KeyCode::Right, KeyModifiers::NONE)]);
    }
}

#[test]
fn alt_enter_split_after_escape_never_sends() {
    let enter = key(KeyCode::Enter, KeyModifiers::NONE);
    for (delays, pause) in [(Delays::LOCAL, 50), (Delays::REMOTE, 300)]
        .into_iter()
        .flat_map(|(delays, longest)| (0..longest).map(move |pause| (delays, pause)))
    {
        let read = run(delays, [(Duration::ZERO, &b"\x1b"[..]), (ms(pause), b"\r")]);
        assert!(!read.contains(&enter), "{pause} ms: {read:?}");
    }
    // A person who presses Esc and then Enter means both keys.
    let read = run(Delays::REMOTE, [(Duration::ZERO, &b"\x1b"[..]), (ms(600), b"\r")]);
    assert_eq!(read, [key(KeyCode::Esc, KeyModifiers::NONE), enter]);
}

#[test]
fn an_unfinished_sequence_never_becomes_text() {
    for (bytes, _) in
        known().iter().filter(|(bytes, _)| bytes.starts_with("\x1b[") || bytes.starts_with("\x1bO"))
    {
        for at in 1..bytes.len() {
            let (head, tail) = bytes.as_bytes().split_at(at);
            let cut = run(Delays::LOCAL, [(Duration::ZERO, head)]);
            let wrong = cut.iter().any(|token| writes(token) && !matches!(token, InputToken::Paste { .. }));
            assert!(!wrong, "{bytes:?} cut at {at}: {cut:?}");
            let rest_of_paste = bytes.starts_with("\x1b[200~") && at > 5;
            // A keypad types characters; a single lower-case letter after Esc is what a person typed.
            let types = known().iter().any(|(other, tokens)| other == bytes && tokens.iter().any(writes));
            let letter = tail.len() <= 2 && tail.ends_with(b"a");
            if rest_of_paste || types || letter {
                continue;
            }
            for late in [60, 200, 400] {
                let read = run(Delays::LOCAL, [(Duration::ZERO, head), (ms(late), tail)]);
                assert!(!read.iter().any(writes), "{bytes:?} at {at} after {late} ms: {read:?}");
            }
        }
    }
}

#[test]
fn what_is_typed_after_escape_is_text() {
    let typed: Vec<(Duration, &[u8])> =
        vec![(ms(0), b"\x1b"), (ms(120), b"["), (ms(120), b"o"), (ms(120), b"k"), (ms(120), b"]")];
    let expected = [vec![key(KeyCode::Esc, KeyModifiers::NONE)], chars("[ok]")].concat();
    assert_eq!(run(Delays::LOCAL, typed), expected);
    // All of it after a stall of the link.
    let typed: Vec<(Duration, &[u8])> = vec![(ms(0), b"\x1b"), (ms(200), b"Ok, one moment")];
    let expected = [vec![key(KeyCode::Esc, KeyModifiers::NONE)], chars("Ok, one moment")].concat();
    assert_eq!(run(Delays::LOCAL, typed), expected);
}

#[test]
fn alt_with_a_bracket_is_a_key_after_its_delay() {
    for c in ['[', 'O', ']', 'P', 'X', '^', '_'] {
        let bytes = format!("\x1b{c}");
        let read = whole(bytes.as_bytes());
        assert!(
            matches!(read.as_slice(), [InputToken::Key(key)] if key.code == KeyCode::Char(c) && key.modifiers.contains(KeyModifiers::ALT)),
            "{c}: {read:?}"
        );
    }
    let typed: Vec<(Duration, &[u8])> = vec![(ms(0), b"\x1b["), (ms(900), b"h"), (ms(90), b"i")];
    let read = run(Delays::LOCAL, typed);
    assert_eq!(read.get(1..).unwrap(), chars("hi"));
}

/// The corpus of replies, as names and bytes.
fn replies() -> Vec<(String, Vec<u8>)> {
    let text = include_str!("../../../tests/fixtures/terminal/replies.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let mut parts = line.splitn(3, '|').map(str::trim);
            let name = format!("{} {}", parts.next().unwrap(), parts.next().unwrap());
            (name, bytes_of(parts.next().unwrap()))
        })
        .collect()
}

fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('e')) => bytes.push(0x1b),
            ('\\', Some('a')) => bytes.push(7),
            ('\\', Some('x')) => {
                let digits: String = chars.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap());
            }
            ('\\', Some(other)) => bytes.extend(other.to_string().bytes()),
            (c, _) => bytes.extend(c.to_string().bytes()),
        }
    }
    bytes
}

#[test]
fn replies_of_terminals_are_no_keys_whole_or_split() {
    let replies = replies();
    assert!(replies.len() > 60);
    for (name, bytes) in &replies {
        assert_eq!(whole(bytes), [], "{name}");
        for (at, pause) in (1..bytes.len()).flat_map(|at| [0, 5, 20, 45].map(|pause| (at, ms(pause)))) {
            let (head, tail) = bytes.split_at(at);
            assert_eq!(run(Delays::LOCAL, [(ms(0), head), (pause, tail)]), [], "{name} at {at}");
        }
        // Neither of two keys around it is lost.
        let between = [b"a".as_slice(), bytes, b"b"].concat();
        assert_eq!(whole(&between), chars("ab"), "{name}");
    }
}

#[test]
fn a_reply_right_after_escape_leaves_the_key() {
    for (name, bytes) in replies().iter().filter(|(_, bytes)| bytes.starts_with(b"\x1b")) {
        let read = whole(&[b"\x1b".as_slice(), bytes].concat());
        assert_eq!(read, [key(KeyCode::Esc, KeyModifiers::NONE)], "{name}");
    }
}

#[test]
fn a_string_without_end_gives_the_keys_back() {
    for string in [&b"\x1b]11;rgb:1e"[..], b"\x1bP>|XTe", b"\x1b_Gi", b"\x1b^x", b"\x1bXx", b"\x9d11;"] {
        // After a pause.
        let read = run(Delays::LOCAL, [(ms(0), string), (ms(1500), b"hola")]);
        assert_eq!(read, chars("hola"), "{string:?}");
        // A command or a function key at once.
        let read = run(Delays::LOCAL, [(ms(0), string), (ms(100), b"\x1b[21~"), (ms(100), b"a")]);
        assert_eq!(read, [vec![key(KeyCode::F(10), KeyModifiers::NONE)], chars("a")].concat());
        let read = run(Delays::LOCAL, [(ms(0), string), (ms(100), b"\x03")]);
        assert_eq!(read, [key(KeyCode::Char('c'), KeyModifiers::CONTROL)]);
        // While somebody keeps typing without a pause; their Enter sends nothing.
        let typed = (0..40).map(|_| (ms(150), &b"x"[..]));
        let read = run(Delays::LOCAL, std::iter::once((ms(0), string)).chain(typed));
        assert!(read.len() >= 20, "{}", read.len());
        let read = run(Delays::LOCAL, [(ms(0), string), (ms(100), &b"\r"[..])]);
        assert_eq!(read, []);
        // Its terminator is no key when it arrives after all.
        let read = run(Delays::LOCAL, [(ms(0), string), (ms(1500), b"\x1b\\"), (ms(500), b"a")]);
        assert_eq!(read, chars("a"));
    }
    let endless = [b"\x1b]52;c;".to_vec(), vec![b'A'; 3 * STRING_SIZE]].concat();
    assert_eq!(run(Delays::LOCAL, [(ms(0), &endless[..]), (ms(200), b"a")]), chars("a"));
}

#[test]
fn a_paste_without_end_is_delivered_and_keys_work() {
    let text = &b"\x1b[200~text"[..];
    assert_eq!(whole(text), [cut_off("text")]);
    let read = run(Delays::LOCAL, [(ms(0), text), (ms(1100), b"a")]);
    assert_eq!(read, [vec![cut_off("text")], chars("a")].concat());
    for (bytes, code, modifiers) in [
        (&b"\x03"[..], KeyCode::Char('c'), KeyModifiers::CONTROL),
        (b"\x1b[21~", KeyCode::F(10), KeyModifiers::NONE),
    ] {
        let read = run(Delays::LOCAL, [(ms(0), text), (ms(300), bytes)]);
        assert_eq!(read, [cut_off("text"), key(code, modifiers)]);
    }
    // Somebody keeps typing without a pause.
    let typed = (0..100).map(|_| (ms(150), &b"x"[..]));
    let read = run(Delays::LOCAL, std::iter::once((ms(0), text)).chain(typed));
    assert!(read.len() > 20, "{}", read.len());
    // Its terminator is no key when it arrives after all.
    let read = run(Delays::LOCAL, [(ms(0), text), (ms(1500), b"\x1b[201~"), (ms(90), b"a")]);
    assert_eq!(read, [vec![cut_off("text")], chars("a")].concat());
}

#[test]
fn a_slow_paste_is_one_paste() {
    let pieces: Vec<(Duration, &[u8])> =
        vec![(ms(0), b"\x1b[200~one\r"), (ms(400), b"two\r"), (ms(900), b"three\x1b[20"), (ms(300), b"1~")];
    assert_eq!(run(Delays::LOCAL, pieces), [paste("one\ntwo\nthree")]);
}

#[test]
fn bytes_that_are_no_utf8_swallow_no_key() {
    for junk in 0x80..=0xff_u8 {
        // 8-bit controls begin strings and sequences, as terminals that do not speak UTF-8 send them.
        if matches!(junk, 0x8f | 0x90 | 0x98 | 0x9b | 0x9d..=0x9f) {
            continue;
        }
        assert_eq!(whole(&[junk, b'a', b'\r']), whole(b"a\r"), "{junk:#x}");
        assert_eq!(whole(&[junk, 0x1b, b'[', b'A']), whole(b"\x1b[A"), "{junk:#x}");
        assert_eq!(whole(&[junk, 0xc3, 0xb1]), chars("ñ"), "{junk:#x}");
    }
    assert_eq!(whole(b"\xe2\x82a"), chars("a"));
    assert_eq!(whole(b"\xed\xa0\x80a"), chars("a"));
    assert_eq!(run(Delays::LOCAL, [(ms(0), &b"\xe2"[..]), (ms(900), b"\xc3\xb1")]), chars("ñ"));
}

#[test]
fn a_big_paste_comes_in_bounded_pieces() {
    let text = "ñandú 😀\r\n".repeat(10 * 1024 * 1024 / 14);
    let bytes = [b"\x1b[200~".as_slice(), text.as_bytes(), b"\x1b[201~"].concat();
    for size in [7, 4096, bytes.len()] {
        // With the smallest reads the whole stream would take long.
        let bytes = if size == 7 { &bytes[bytes.len() - 500_000 / 7 * 7..] } else { &bytes[..] };
        let bytes = if size == 7 { [b"\x1b[200~".as_slice(), bytes].concat() } else { bytes.to_vec() };
        let mut tokenizer = Tokenizer::new(Delays::LOCAL);
        let (mut out, now) = (Vec::new(), Instant::now());
        let mut whole = String::new();
        for chunk in bytes.chunks(size) {
            tokenizer.feed(now, chunk, &mut out);
            for token in out.drain(..) {
                let InputToken::Paste { text, cut_off: false } = token else { panic!("{token:?}") };
                assert!(text.len() <= PASTE_PIECE + 16, "{}", text.len());
                whole.push_str(&text);
            }
        }
        assert_eq!(tokenizer.deadline(), None);
        assert!(whole.ends_with("ñandú 😀\n") && !whole.contains('\r'));
        if size != 7 {
            assert_eq!(whole, text.replace("\r\n", "\n"));
        }
    }
}

#[test]
fn what_is_unfinished_at_the_end_is_no_text() {
    for (bytes, expected) in [
        (&b"\x1b"[..], vec![key(KeyCode::Esc, KeyModifiers::NONE)]),
        (b"\x1b[", vec![]),
        (b"\x1b[1;3", vec![]),
        (b"\x1b]11;rgb", vec![]),
        (b"\xe2\x82", vec![]),
        (b"\x1b[200~text", vec![cut_off("text")]),
    ] {
        let (mut tokenizer, mut out, now) = (Tokenizer::new(Delays::LOCAL), Vec::new(), Instant::now());
        tokenizer.feed(now, bytes, &mut out);
        tokenizer.finish(now, &mut out);
        assert_eq!(out, expected, "{bytes:?}");
        assert_eq!(tokenizer.deadline(), None);
    }
}

/// A stream of known sequences and replies, with the expected tokens.
fn stream() -> impl Strategy<Value = (Vec<u8>, Vec<InputToken>)> {
    let replies = replies().into_iter().map(|(_, bytes)| (bytes, Vec::new()));
    let known = known().into_iter().map(|(text, tokens)| (text.as_bytes().to_vec(), tokens));
    let all: Vec<(Vec<u8>, Vec<InputToken>)> = known.chain(replies).collect();
    proptest::collection::vec(proptest::sample::select(all), 1..8).prop_map(|parts| {
        let (bytes, tokens): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        (bytes.concat(), tokens.concat())
    })
}

proptest! {
    #[test]
    fn streams_split_anywhere_with_any_delay_are_the_same(
        (bytes, tokens) in stream(),
        cuts in proptest::collection::vec((0..400_usize, 0..49_u64), 0..12),
    ) {
        let mut cuts: Vec<(usize, u64)> = cuts.into_iter().map(|(at, pause)| (at % (bytes.len() + 1), pause)).collect();
        cuts.sort_unstable();
        cuts.dedup_by_key(|(at, _)| *at);
        let (mut pieces, mut from, mut after) = (Vec::new(), 0, 0);
        for (at, pause) in cuts {
            pieces.push((ms(after), &bytes[from..at]));
            (from, after) = (at, pause);
        }
        pieces.push((ms(after), &bytes[from..]));
        prop_assert_eq!(run(Delays::LOCAL, pieces), tokens);
    }

    #[test]
    fn any_bytes_leave_the_next_key_after_a_pause(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let pieces = [(ms(0), &bytes[..]), (Duration::from_secs(20), &b"a"[..])];
        prop_assert_eq!(run(Delays::LOCAL, pieces).pop(), chars("a").pop());
    }
}
