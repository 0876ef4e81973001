package main

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/datamatrix"
	"github.com/chromedp/chromedp"

	"hemolift/web/api"
)

// film writes what a camera sees, over and over: of each symbol a second and a half, then nothing.
func film(t *testing.T, symbols ...image.Image) string {
	t.Helper()
	const frames = 45
	name := filepath.Join(t.TempDir(), "film.mjpeg")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range symbols {
		for i := range 2 * frames {
			picture := image.NewRGBA(image.Rect(0, 0, 1280, 720))
			draw.Draw(picture, picture.Bounds(), image.NewUniform(color.Gray{Y: 230}), image.Point{}, draw.Src)
			if i < frames {
				at := s.Bounds().Add(image.Pt((1280-s.Bounds().Dx())/2, (720-s.Bounds().Dy())/2))
				draw.Draw(picture, at.Inset(-40), image.White, image.Point{}, draw.Src)
				draw.Draw(picture, at, s, image.Point{}, draw.Src)
			}
			err = errors.Join(err, jpeg.Encode(f, picture, &jpeg.Options{Quality: 85}))
		}
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return name
}

func linear(t *testing.T, text string) image.Image {
	t.Helper()
	code, err := code128.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return scaled(t, code, 4*code.Bounds().Dx(), 220)
}

func matrix(t *testing.T, text string) image.Image {
	t.Helper()
	code, err := datamatrix.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return scaled(t, code, 12*code.Bounds().Dx(), 12*code.Bounds().Dy())
}

func scaled(t *testing.T, code barcode.Barcode, width, height int) image.Image {
	t.Helper()
	s, err := barcode.Scale(code, width, height)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// torn is a symbol of which a third is missing.
func torn(of image.Image) image.Image {
	b := of.Bounds()
	rest := image.NewRGBA(b)
	draw.Draw(rest, b, of, b.Min, draw.Src)
	draw.Draw(rest, image.Rect(b.Min.X+b.Dx()/3, b.Min.Y, b.Min.X+2*b.Dx()/3, b.Max.Y), image.White, image.Point{}, draw.Src)
	return rest
}

// A ward opens a box with a phone's camera: a wrong seal is refused, a torn label is not read, the
// right ones are taken, Code 128 and Data Matrix. Where the camera is refused, the page says what
// to do instead, and typing goes on.
func TestLabelsAreReadByACamera(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "40", "-requests-per-hour", "0")
	d := served(t, p, "zhang.min", api.NewRequest{
		Hospital: "SY06", Pad: "SY06-P1", Component: "red_cells", BloodGroup: "A+", Units: 2, Urgency: api.Stat,
		NeededBy: demoNow(t, p).Add(2 * time.Hour),
	})
	symbols := []image.Image{linear(t, "SL-WRONG-9"), linear(t, d.Seal)}
	for i, u := range d.Units {
		if i == 0 {
			symbols = append(symbols, torn(linear(t, "="+u.Key.Din+"00")))
		}
		symbols = append(symbols, matrix(t, "="+u.Key.Din+"00\x1d=<"+u.Key.ProductCode))
	}
	none := signIn(t, p, "zhang.min", 320, 568)
	none.run("to the delivery", chromedp.Navigate(p.url+"/track/"+d.Id))
	none.see(`form.ground[data-step=compare_seal]`)
	none.click(`[data-camera]`)
	none.see(`.camera [data-again]`)
	none.run("say what to do instead", chromedp.Poll(`/type what is printed/.test(document.querySelector(".camera p")?.innerText)`, nil))
	none.accessible("no camera", "light", "dark")
	none.whole("no camera", 320, 390, 1440)
	none.leaves()

	w := signIn(t, p, "zhang.min", 320, 568, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", film(t, symbols...)))
	w.run("to the delivery", chromedp.Navigate(p.url+"/track/"+d.Id))
	w.see(`form.ground[data-step=compare_seal]`)
	w.run("keep what is refused", chromedp.Evaluate(`(() => {
		window.refused = []
		new MutationObserver(() => document.querySelectorAll(".ground .refusal").forEach(e => {
			const r = e.getBoundingClientRect()
			window.refused.push({text: e.innerText, seen: r.top >= 0 && r.bottom <= innerHeight})
		})).observe(document.body, {subtree: true, childList: true, characterData: true})
	})()`, nil))
	w.click(`[data-camera]`)
	eventually(t, 2*time.Minute, "the camera looks; a busy machine's takes a second try", func() bool {
		w.eval(`document.querySelector(".camera [data-again]")?.click()`, nil)
		var looks bool
		w.eval(`document.querySelector(".camera video")?.videoWidth > 0`, &looks)
		return looks
	})
	w.run("the seal is read", chromedp.WaitVisible(`form.ground[data-step=receive]`, chromedp.ByQuery))
	w.shoot("camera")
	w.run("the last unit is read", chromedp.WaitVisible(`form.ground input[name=password]`, chromedp.ByQuery))
	w.confirms(p.password)
	eventually(t, 2*time.Minute, "the delivery is closed", func() bool {
		if err := ops(p).call(context.Background(), "GET", "/deliveries/"+d.Id, nil, &d); err != nil {
			t.Fatal(err)
		}
		return d.Status == api.DeliveryStatusClosed
	})
	var refused []struct {
		Text string
		Seen bool
	}
	w.eval(`window.refused`, &refused)
	for _, r := range refused {
		if !r.Seen {
			t.Errorf("not in view at 320 by 568: %q", r.Text)
		}
	}
	for _, u := range d.Units {
		if u.Outcome == nil || *u.Outcome != "received" {
			t.Errorf("%s: %v", u.Key.Din, u.Outcome)
		}
	}
	w.run("the camera is off", chromedp.WaitNotPresent(`.camera`, chromedp.ByQuery))
	if len(w.bad)+len(none.bad) > 0 {
		t.Error(w.bad, none.bad)
	}
}
