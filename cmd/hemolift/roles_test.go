package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hemolift/dispatch/network"
	"hemolift/web/api"
)

// A role of a site's own is made by its network's files alone: it may what they say, and no more;
// when they name it no longer, who has it may nothing.
func TestARoleOfASitesOwn(t *testing.T) {
	t.Parallel()
	files, data := dataDir(t), dataDir(t)
	if err := os.CopyFS(files, network.Shenyang()); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(files, "roles.csv")
	write := func(rows string) {
		t.Helper()
		if err := os.WriteFile(own, []byte("role,name_zh,name_en,like,only,without\n"+rows), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("stock_keeper,库管,stock keeper,dispatcher,signOut getNetwork listUnits listShelves moveUnits,moveUnits/discard\n")
	p := startServe(t, data, "-network", files)
	accepts := func(link, password string) {
		t.Helper()
		_, token, _ := strings.Cut(link, "#")
		if err := (apiClient{url: p.url}).call(t.Context(), "POST", "/invitation", api.ChosenPassword{Password: password}, nil, "Invitation-Token", token); err != nil {
			t.Fatal(err)
		}
	}
	accepts(p.link, firstPassword)
	p.password = firstPassword
	admin := p.client("admin")
	var i api.Invitation
	site := "SYBC"
	if err := admin.call(t.Context(), "POST", "/accounts",
		api.NewAccount{Login: "ku.guan", NameZh: "库管", NameEn: "Keeper", Role: "stock_keeper", Site: &site}, &i); err != nil {
		t.Fatal(err)
	}
	accepts("#"+i.Token, wardPassword)
	p.password = wardPassword
	keeper := p.client("ku.guan")
	var me api.Me
	if err := keeper.call(t.Context(), "GET", "/session", nil, &me); err != nil {
		t.Fatal(err)
	}
	want := "getNetwork listShelves listUnits moveUnits moveUnits/arrive moveUnits/quarantine moveUnits/release moveUnits/return moveUnits/send signOut"
	if got := strings.Join(me.May, " "); got != want || me.RoleEn != "stock keeper" {
		t.Errorf("%s may %s", me.RoleEn, got)
	}
	for path, may := range map[string]bool{"/shelves": true, "/units": true, "/board": false, "/accounts": false, "/requests": false} {
		err := keeper.call(t.Context(), "GET", path, nil, nil)
		if may != (err == nil) || !may && !strings.Contains(err.Error(), "may not") {
			t.Errorf("GET %s: %v", path, err)
		}
	}
	p.stop()

	for rows, says := range map[string]string{
		"x1,x,x,pilot,,\n":                    "none of",
		"x1,x,x,dispatcher,fly,\n":            `no operation "fly"`,
		"admin,x,x,dispatcher,,\n":            "program's own",
		"x1,x,x,dispatcher,,\nx1,x,x,admin,,": "x1",
		"X 1,x,x,dispatcher,,\n":              "a-z",
	} {
		write(rows)
		if out, err := hemolift(t, "network", "check", files); err == nil || !strings.Contains(out, says) {
			t.Errorf("%q: %v %s", rows, err, out)
		}
	}
	write("")
	p = startServe(t, data, "-network", files)
	p.password = wardPassword
	if err := (apiClient{url: p.url, token: keeper.token}).call(t.Context(), "GET", "/shelves", nil, nil); err == nil {
		t.Error("a role that is gone still may")
	}
}
