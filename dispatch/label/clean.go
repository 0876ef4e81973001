package label

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// MaxScan bounds one scan, in bytes: the longest compound message of the standard is far
// shorter.
const MaxScan = 1000

// byInputMethod are characters that Chinese input methods type for those of a label, and
// that have no full-width form of their own.
var byInputMethod = strings.NewReplacer("《", "<", "》", ">", "〈", "<", "〉", ">", "￥", "$", "¥", "$", "、", `\`, "×", "*")

// clean gives a scan's characters the form in which the label has them.
func clean(scan string) (string, error) {
	if len(scan) > MaxScan {
		return "", fmt.Errorf("is longer than %d bytes", MaxScan)
	}
	if !utf8.ValidString(scan) {
		return "", fmt.Errorf("is not UTF-8")
	}
	return width.Fold.String(byInputMethod.Replace(scan)), nil
}

// Plain is a scan of something that is no blood bag, as a seal or a box: without what
// scanners and input methods add around it, in capitals.
func Plain(scan string) (string, error) {
	text, err := clean(scan)
	if err != nil {
		return "", err
	}
	text = text[len(between.FindString(text)):]
	return strings.ToUpper(strings.TrimRight(text, " \t\r\n\x00\x1d\x1e\x04")), nil
}
