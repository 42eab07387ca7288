// C0, DEL and C1 controls; invisible and direction-changing format characters; lone surrogates.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

/**
 * Text from a plugin or a file as one line that is safe to print: runs of white space become one space, control,
 * invisible and direction-changing characters become `\u{…}` escapes, so that no name can move the cursor, ring the
 * bell or reverse a line.
 */
export function plainText(text: string): string {
  return text
    .replace(/[\s\u2028\u2029]+/gu, " ")
    .trim()
    .replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
