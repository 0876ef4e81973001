package label

import (
	"fmt"
	"strings"
	"time"
)

// centuries are what the first digit of a date says.
var centuries = map[byte]int{'9': 1900, '0': 2000, '1': 2100}

// dayEnds is the time of a date without one.
const dayEnds = "T23:59:00"

func checkDate(data string) error {
	_, err := dateOf(data)
	return err
}

// dateOf reads cyyjjj or cyyjjjhhmm: century, year, day of the year and time (ST-001,
// 2.4.4). A day without a time is meant to its end, 23:59. The time is the labelling
// site's; it comes back in a form without a zone.
func dateOf(data string) (string, error) {
	century, ok := centuries[data[0]]
	if !allDigits(data) || !ok {
		return "", fmt.Errorf("is not a century (9, 0 or 1), a year and a day of it in digits")
	}
	year, day, minute := century+number(data[1:3]), number(data[3:6]), 23*60+59
	at := time.Date(year, 1, day, 0, 0, 0, 0, time.UTC)
	if day == 0 || at.Year() != year {
		return "", fmt.Errorf("%03d is no day of %d", day, year)
	}
	if len(data) > 6 {
		if minute = number(data[6:8])*60 + number(data[8:10]); data[6:8] > "23" || data[8:10] > "59" {
			return "", fmt.Errorf("%s:%s is no time", data[6:8], data[8:10])
		}
	}
	return at.Add(time.Duration(minute) * time.Minute).Format("2006-01-02T15:04:05"), nil
}

// Local is the time that a date of a label means, at the site that labelled the bag: a
// day is meant to its end. A structure that is no date is refused.
func (s Structure) Local() (string, error) {
	if !strings.Contains(s.Name, "ion_date") && !strings.HasPrefix(s.Name, NameExpiry) {
		return "", fmt.Errorf("holds a %s, which is no date", spoken(s.Name))
	}
	return dateOf(s.Data)
}

// number is the value of a few digits.
func number(digits string) (n int) {
	for _, d := range []byte(digits) {
		n = n*10 + int(d-'0')
	}
	return n
}
