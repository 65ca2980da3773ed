-- Ask the gate before a job is queued, so that its owner reads why it would not start.
-- This is for people: what counts is asked again when the job has its nodes (prolog.sh).

local ASK = "@ASK@ submit"
local COMMENT_BYTES_MAX = 4000

local function quoted(name, value)
   local text = string.gsub(tostring(value or ""), "'", "'\\''")
   return " '" .. name .. "=" .. text .. "'"
end

local function refusal(job)
   if #(job.comment or "") > COMMENT_BYTES_MAX or #(job.account or "") > COMMENT_BYTES_MAX then
      return "The comment or the account is too long."
   end
   local pipe = io.popen(ASK
      .. quoted("account", job.account)
      .. quoted("comment", job.comment)
      .. quoted("time_limit_min", job.time_limit)
      .. quoted("nodes", job.min_nodes)
      .. quoted("tasks", job.num_tasks)
      .. quoted("per_job", job.tres_per_job)
      .. quoted("per_node", job.tres_per_node)
      .. quoted("per_socket", job.tres_per_socket)
      .. quoted("per_task", job.tres_per_task)
      .. " 2>/dev/null")
   local said = pipe:read("*a")
   pipe:close()
   if string.sub(said, 1, 4) == "yes\n" then return nil end
   return said ~= "" and said or "The gate could not be asked."
end

function slurm_job_submit(job, partitions, uid)
   local asked, why = pcall(refusal, job)
   if asked and why == nil then return slurm.SUCCESS end
   if not asked then
      slurm.log_error("assent: %s", tostring(why))
      why = "The gate could not be asked."
   end
   slurm.log_user("%s", why)
   return slurm.ERROR
end

-- What is changed later is asked about when the job has its nodes.
function slurm_job_modify(job, record, partitions, uid)
   return slurm.SUCCESS
end

return slurm.SUCCESS
