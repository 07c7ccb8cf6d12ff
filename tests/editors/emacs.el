;;; emacs.el --- Takes the steps of a job, as a person would  -*- lexical-binding: t -*-

;; And writes down what comes of each. A step returns a function, which is asked again and again until it returns a list
;; of one value; in between Emacs waits for keys as ever, so that everything happens which happens while people think.

(require 'cl-lib)

(defvar job (with-temp-buffer
              (insert-file-contents (getenv "JOB"))
              (json-parse-buffer :object-type 'plist :array-type 'list :null-object nil :false-object nil)))
(defvar job-steps (plist-get job :steps))
(defvar job-answers nil)
(defvar job-probe nil "What is asked for what came of the present step.")
(defvar job-deadline nil)

;; What is put off until somebody pauses is done at once.
(setq eglot-send-changes-idle-time 0.05
      flymake-no-changes-timeout 0.05
      ring-bell-function #'ignore)
(global-set-key (kbd "C-^") #'ignore)

(defun job-go (step)
  "Put point before the text of STEP, looked for from the top, or some characters behind its start."
  (goto-char (point-min))
  (let ((case-fold-search nil))
    (search-forward (plist-get step :at)))
  (goto-char (+ (match-beginning 0) (or (plist-get step :skip) 0))))

(defun job-point (position)
  "The 1-based line and column of POSITION, in characters."
  (save-excursion
    (goto-char position)
    (format "%d:%d" (line-number-at-pos nil t) (1+ (- position (line-beginning-position))))))

(defun job-place ()
  (list :path (buffer-file-name) :line (line-number-at-pos nil t) :word (or (thing-at-point 'symbol t) "")))

(defun job-findings ()
  (sort (mapcar (lambda (it)
                  (let ((told (alist-get 'eglot-lsp-diag (flymake-diagnostic-data it))))
                    (format "%s-%s %s: %s"
                            (job-point (flymake-diagnostic-beg it)) (job-point (flymake-diagnostic-end it))
                            (plist-get told :code) (car (split-string (plist-get told :message) "\n")))))
                (flymake-diagnostics))
        #'string<))

(defun job-done (&optional value)
  "A step that is done at once, and from which VALUE came."
  (lambda () (list (or value t))))

(defun job-open (step)
  (find-file (plist-get step :path))
  (job-done (list :encoding (symbol-name buffer-file-coding-system))))

(defun job-await (step)
  (lambda ()
    (let ((found (job-findings)))
      (when (or (equal found (plist-get step :findings)) (time-less-p job-deadline nil))
        (list (vconcat found))))))

(defun job-type (step)
  (job-go step)
  (undo-boundary)
  (mapc (lambda (character) (insert character)) (plist-get step :text))
  (undo-boundary)
  (job-done))

(defun job-line (step)
  (job-go step)
  (beginning-of-line)
  (insert (plist-get step :text) "\n")
  (job-done))

(defun job-undo (_step)
  (let (last-command)
    (undo 1))
  (job-done))

(defun job-hover (step)
  (job-go step)
  (let (told)
    (eglot-hover-eldoc-function (lambda (text &rest _) (setq told text)))
    (lambda () (and told (list (substring-no-properties told))))))

(defun job-definition (step)
  (job-go step)
  (let ((before (job-place)))
    (call-interactively #'xref-find-definitions)
    (lambda ()
      (let ((place (job-place)))
        (unless (equal place before) (list place))))))

(defun job-complete (step)
  "Ask what can stand at STEP, as somebody who waits for it: other keys would put an end to the request."
  (job-go step)
  (let ((request (symbol-function 'jsonrpc-request)))
    (cl-letf (((symbol-function 'jsonrpc-request)
               (lambda (connection method params &rest _) (funcall request connection method params))))
      (job-done (vconcat (mapcar #'substring-no-properties
                                 (all-completions "" (nth 2 (eglot-completion-at-point)))))))))

(defun job-act (step)
  "Take the action whose title starts as STEP says; whatever is asked is answered with yes."
  (when (plist-get step :at) (job-go step))
  (let ((last-nonmenu-event ?\r)
        titles preferred asked)
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_prompt items &rest rest)
                 (setq titles (mapcar #'car items)
                       preferred (nth 4 rest))
                 (cl-find-if (lambda (title) (string-prefix-p (plist-get step :title) title)) titles)))
              ((symbol-function 'y-or-n-p) (lambda (prompt) (push prompt asked))))
      (if (plist-get step :only)
          (call-interactively #'hookshift-fix-all)
        (call-interactively #'eglot-code-actions)))
    (job-done (list :titles (vconcat titles)
                    :preferred (if (listp preferred) (car preferred) preferred)
                    :asked (vconcat asked)))))

(defun job-messages (_step)
  (job-done (with-current-buffer "*Messages*" (buffer-substring-no-properties (point-min) (point-max)))))

(defun job-explained (step)
  "What is said about a rule or a hook."
  (lambda ()
    (let ((messages (with-current-buffer "*Messages*" (buffer-substring-no-properties (point-min) (point-max)))))
      (and (string-search (concat (plist-get step :name) ": ") messages) (list messages)))))

(defun job-save (_step)
  (save-some-buffers t)
  (job-done))

(defun job-end (&optional problem)
  (cancel-function-timers #'job-tick)
  (let ((report (append (list :answers (vconcat (reverse job-answers))) (and problem (list :error problem))))
        (coding-system-for-write 'utf-8))
    (with-temp-file (getenv "REPORT")
      (insert (json-serialize report)))
    (dolist (buffer (buffer-list))
      (when (string-match-p "EGLOT.*events\\|\\*Messages\\*\\|\\*Warnings\\*" (buffer-name buffer))
        (with-current-buffer buffer
          (append-to-file (point-min) (point-max) (expand-file-name "../protocol.log" "~"))))))
  ;; Which asks the server to end, and then does not wait until it has.
  (eglot-shutdown-all)
  (kill-emacs 0))

(defun job-tick ()
  (condition-case problem
      (progn
        (when (and job-steps (not job-probe))
          (setq job-deadline (time-add nil (/ (plist-get job :patience) 1000))
                job-probe (funcall (intern (concat "job-" (plist-get (car job-steps) :do))) (car job-steps))))
        (let ((answer (and job-probe (funcall job-probe))))
          (cond
           (answer
            (push (car answer) job-answers)
            (setq job-probe nil)
            (pop job-steps)
            (unless job-steps (job-end)))
           ((time-less-p job-deadline nil)
            (job-end (format "waited in vain: %S" (car job-steps)))))))
    (error (job-end (error-message-string problem)))))

(run-with-timer 0.1 0.03 #'job-tick)
