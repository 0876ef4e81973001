package notice

import "strings"

// words of each kind: {drone} and {pad} are filled in.
var words = map[string]map[Kind]string{
	"en": {
		OnItsWay:  "{drone} is on its way to {pad}",
		Landed:    "{drone} has landed on {pad}: compare the seal",
		PadWanted: "{drone} waits: say whether {pad} is clear",
		Spoiling:  "A box under way is out of range ({drone})",
		NotComing: "{drone} does not bring its delivery: see what comes instead",
	},
	"zh": {
		OnItsWay:  "{drone} 已起飞，前往 {pad}",
		Landed:    "{drone} 已降落在 {pad}：请核对封签",
		PadWanted: "{drone} 正在等待：请确认 {pad} 是否清空",
		Spoiling:  "途中血箱温度超限（{drone}）",
		NotComing: "{drone} 的配送不再到达：请查看后续安排",
	},
}

// Text is a notice in words of a language, zh or en; another one is told in English.
func (n Notice) Text(lang string) string {
	of, known := words[lang]
	if !known {
		of = words["en"]
	}
	return strings.NewReplacer("{drone}", string(n.Drone), "{pad}", string(n.Pad)).Replace(of[n.Kind])
}
