//! What happens to files whatever is in them: encodings, byte order marks, line ends, damage.

use crate::dice::Dice;

const CODINGS: [&str; 3] = ["%% coding: latin-1\n", "%% -*- coding: utf-8 -*-\n", "%% coding=latin-1\r\n"];

const MARK: &[u8] = b"\xEF\xBB\xBF";

pub fn change(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let ways: [fn(&mut Vec<u8>, &mut Dice); 12] = [
        |bytes, _| *bytes = latin_1(bytes),
        |bytes, _| *bytes = bytes.iter().map(|&byte| char::from(byte)).collect::<String>().into_bytes(),
        |bytes, dice| insert(bytes, 0, dice.one_of::<&str>(&CODINGS).as_bytes()),
        |bytes, _| insert(bytes, 0, MARK),
        |bytes, dice| {
            let at = dice.below(bytes.len() + 1);
            insert(bytes, at, MARK);
        },
        |bytes, _| *bytes = bytes.split(|&byte| byte == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..]),
        |bytes, _| bytes.retain(|&byte| byte != b'\r'),
        |bytes, dice| one_in_ten(bytes, dice, b'\n', b"\r"),
        |bytes, dice| one_in_ten(bytes, dice, b'\n', b"\r\n"),
        |bytes, dice| one_in_ten(bytes, dice, b' ', b"\xC2\xA0"),
        |bytes, dice| {
            let at = dice.below(bytes.len() + 1);
            let byte = *dice.one_of(&[0, 0xE9, 0xFF, 0x80, 0xA0, 0x85, 0x0C, 0x1B]);
            insert(bytes, at, &[byte]);
        },
        |bytes, dice| {
            let end = dice.below(bytes.len() + 1);
            bytes.truncate(end);
        },
    ];
    dice.one_of(&ways)(bytes, dice);
}

fn insert(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    drop(bytes.splice(at..at, new.iter().copied()));
}

/// A byte for each character that Latin-1 has; others stay as they are in UTF-8.
fn latin_1(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for c in String::from_utf8_lossy(bytes).chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) => out.push(byte),
            Err(_) => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    out
}

fn one_in_ten(bytes: &mut Vec<u8>, dice: &mut Dice, old: u8, new: &[u8]) {
    let mut out = Vec::with_capacity(bytes.len());
    for &byte in bytes.iter() {
        match byte == old && dice.one_in(10) {
            true => out.extend_from_slice(new),
            false => out.push(byte),
        }
    }
    *bytes = out;
}
